/** @file Random weights of the networks that label data, and their products. */
import type { Rng } from '../rng.ts';

/** Independent normals of variance 1/columns, so that unit inputs give unit pre-activations. */
export const gaussianRows = (rng: Rng, rows: number, columns: number): Float64Array[] =>
  Array.from({ length: rows }, () => Float64Array.from({ length: columns }, () => rng.normal() / Math.sqrt(columns)));

/** Plain loops: a wide teacher of many samples is most of the time that its data take. */
export const product = (rows: readonly Float64Array[], x: ArrayLike<number>): Float64Array =>
  Float64Array.from(rows, (row) => {
    let sum = 0;
    for (let i = 0; i < row.length; i++) sum += row[i]! * x[i]!;
    return sum;
  });
