/** @file A chain of width 1 trained from the plateau: how many steps until it has left. */
import { rng } from '../../rng.ts';

export type Stepper = 'gradientDescent' | 'adam' | 'rmsprop';
const rates: Readonly<Record<Stepper, number>> = { gradientDescent: 0.05, adam: 0.01, rmsprop: 0.01 };
const enough = 0.05;
const mostSteps = 500_000;

/** Steps of full-batch descent on ½(w₁⋯w_L - 1)² until the loss is below 0.05; weights start at 0.64, each up to 5% off. */
export function escapeSteps(kind: Stepper, depth: number, seed: number): number {
  const random = rng(seed, 'init', depth);
  const w = Float64Array.from({ length: depth }, () => 0.64 * (1 + 0.05 * (2 * random.uniform() - 1)));
  const [m, v] = [new Float64Array(depth), new Float64Array(depth)];
  const rate = rates[kind];
  for (let t = 1; t <= mostSteps; t++) {
    const f = w.reduce((product, value) => product * value, 1);
    if (0.5 * (f - 1) ** 2 < enough) return t - 1;
    for (let i = 0; i < depth; i++) {
      const g = ((f - 1) * f) / w[i]!;
      if (kind === 'gradientDescent') w[i]! -= rate * g;
      else if (kind === 'rmsprop') {
        v[i] = 0.9 * v[i]! + 0.1 * g * g;
        w[i]! -= (rate * g) / (Math.sqrt(v[i]!) + 1e-8);
      } else {
        m[i] = 0.9 * m[i]! + 0.1 * g;
        v[i] = 0.999 * v[i]! + 0.001 * g * g;
        w[i]! -= (rate * (m[i]! / (1 - 0.9 ** t))) / (Math.sqrt(v[i]! / (1 - 0.999 ** t)) + 1e-8);
      }
    }
  }
  return Infinity;
}
