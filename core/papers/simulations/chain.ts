/** @file Networks of width 1: products of random weights with their Hessian's entries, and descent from the plateau. */
import { rng } from '../../rng.ts';

export type WeightLaw = 'uniform' | 'normal';
export const chainDepths = [10, 20, 40] as const;

export interface ChainLogs {
  /** log|w₁ ⋯ w_L|. */
  readonly product: number[];
  /** log|H₁₁| = log (f/w₁)² of ½(f - 1)². */
  readonly diagonal: number[];
  /** log|H₁₂| = log|2f - 1| |f/(w₁w₂)|. */
  readonly offDiagonal: number[];
}

/** So many chains with weights of variance 1. */
export function chains(law: WeightLaw, count: number, depth: number, seed: number): ChainLogs {
  const random = rng(seed, 'init', depth);
  const rows: ChainLogs = { product: [], diagonal: [], offDiagonal: [] };
  for (let i = 0; i < count; i++) {
    const w = Array.from({ length: depth }, () => (law === 'uniform' ? Math.sqrt(3) * (2 * random.uniform() - 1) : random.normal()));
    const log = w.reduce((sum, value) => sum + Math.log(Math.abs(value)), 0);
    const f = w.reduce((product, value) => product * value, 1);
    rows.product.push(log);
    rows.diagonal.push(2 * (log - Math.log(Math.abs(w[0]!))));
    rows.offDiagonal.push(log - Math.log(Math.abs(w[0]! * w[1]!)) + Math.log(Math.abs(2 * f - 1)));
  }
  return rows;
}

export type Stepper = 'gradientDescent' | 'adam' | 'rmsprop';
const rates: Readonly<Record<Stepper, number>> = { gradientDescent: 0.05, adam: 0.01, rmsprop: 0.01 };
/** Every weight of a chain on the plateau, each up to 5% off. */
const plateauWeight = 0.64;
const enough = 0.05;
const mostSteps = 500_000;

/** Steps of full-batch descent on ½(w₁⋯w_L - 1)² from the plateau until the loss is below 0.05. */
export function escapeSteps(kind: Stepper, depth: number, seed: number): number {
  const random = rng(seed, 'init', depth);
  const w = Float64Array.from({ length: depth }, () => plateauWeight * (1 + 0.05 * (2 * random.uniform() - 1)));
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

/** Steps of gradient descent from equal weights w₀: dw/dt = -η w^(L-1), until f has grown of itself. */
export const descentEscape = (depth: number): number => plateauWeight ** -(depth - 2) / ((depth - 2) * rates.gradientDescent);
