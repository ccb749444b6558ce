/** @file Random weights of the networks that label data, and their products. */
import type { Rng } from '../rng.ts';

/** Independent normals of variance 1/columns, so that unit inputs give unit pre-activations. */
export const gaussianRows = (rng: Rng, rows: number, columns: number): Float64Array[] =>
  Array.from({ length: rows }, () => Float64Array.from({ length: columns }, () => rng.normal() / Math.sqrt(columns)));

export const product = (rows: readonly Float64Array[], x: ArrayLike<number>): Float64Array =>
  Float64Array.from(rows, (row) => row.reduce((sum, value, i) => sum + value * x[i]!, 0));
