/** @file A random orthogonal kernel times a gain: linear networks keep every norm exactly, at any depth. */
import type { Init } from '../define.ts';
import { sizeOf } from '../graph/node.ts';
import type { Rng } from '../rng.ts';

/** Orthonormal columns [rows, columns], rows ≥ columns, by Gram and Schmidt twice on a Gaussian matrix: Haar distributed. */
export function orthonormalColumns(rng: Rng, rows: number, columns: number): Float64Array[] {
  const basis: Float64Array[] = [];
  while (basis.length < columns) {
    const vector = Float64Array.from({ length: rows }, () => rng.normal());
    for (let pass = 0; pass < 2; pass++)
      for (const q of basis) {
        const along = q.reduce((sum, value, i) => sum + value * vector[i]!, 0);
        q.forEach((value, i) => (vector[i]! -= along * value));
      }
    const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    basis.push(vector.map((value) => value / norm));
  }
  return basis;
}

export const orthogonal: Init = {
  card: {
    name: 'orthogonal',
    title: 'Orthogonal',
    formula: 'W = gQ,\\quad Q^\\top Q = I',
    about: 'Linear networks keep the norm of every input at any depth; with ReLU take the gain √2.',
    source: 'Saxe, McClelland and Ganguli 2014',
  },
  fields: { gain: { type: 'number', title: 'Gain', symbol: 'g', min: 0, max: 100, default: 1, exclusiveMin: true } },
  draw(rng, { shape }, options) {
    const fanOut = shape.at(-1)!;
    const fanIn = sizeOf(shape) / fanOut; // of a convolution: every place of the window and channel
    const tall = fanIn >= fanOut;
    const columns = orthonormalColumns(rng, Math.max(fanIn, fanOut), Math.min(fanIn, fanOut));
    const gain = options.gain as number;
    const entry = (i: number, o: number) => (tall ? columns[o]![i]! : columns[i]![o]!);
    return Float64Array.from({ length: fanIn * fanOut }, (_, at) => gain * entry(Math.floor(at / fanOut), at % fanOut));
  },
};
