/** @file The laws an initial weight is drawn from, given its variance. */
import type { Field, Options } from '../define.ts';
import { sizeOf, type Shape } from '../graph/node.ts';
import type { Rng } from '../rng.ts';

export const distribution: Field = {
  type: 'choice',
  title: 'Distribution',
  choices: ['normal', 'uniform'],
  default: 'normal',
  about: 'Same variance; kurtosis 3 for normal, 9/5 for uniform.',
};

/** Factor on a kernel that has a size of its own. */
export const gain: Field = { type: 'number', title: 'Gain', symbol: 'g', min: 0, max: 100, default: 1, exclusiveMin: true };

/** Independent entries of mean zero and the given variance. */
export function drawWithVariance(rng: Rng, shape: Shape, variance: number, { distribution: law }: Options): Float64Array {
  const scale = Math.sqrt(variance);
  const draw = law === 'uniform' ? () => scale * Math.sqrt(3) * (2 * rng.uniform() - 1) : () => scale * rng.normal();
  return Float64Array.from({ length: sizeOf(shape) }, draw);
}

/** Which place of a convolution's window is its middle; 0 for dense kernels. */
export const centreOf = (shape: Shape): number =>
  shape.length === 4 ? Math.floor(shape[0]! / 2) * shape[1]! + Math.floor(shape[1]! / 2) : 0;
