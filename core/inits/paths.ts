/** @file Stationary Gaussian sequences with given correlations: one path of a weight over the depth of a network. */
import type { Rng } from '../rng.ts';

/** Correlation of two increments that are `lag` blocks apart. */
export type Correlation = (lag: number) => number;

/** Increments of a process with covariance exp(-(s-t)²/2ℓ²) on a grid of N steps over [0, 1], normalized to variance 1. */
export function rbfIncrements(blocks: number, variance: number): Correlation {
  const kernel = (distance: number) => Math.exp(-((distance / blocks) ** 2) / (2 * variance));
  const product = (lag: number) => 2 * kernel(lag) - kernel(lag - 1) - kernel(lag + 1);
  return (lag) => product(lag) / product(0);
}

/** Increments of fractional Brownian motion: ½(|k-1|^2H - 2|k|^2H + |k+1|^2H). */
export const fractionalNoise =
  (hurst: number): Correlation =>
  (lag) =>
    (Math.abs(lag - 1) ** (2 * hurst) - 2 * Math.abs(lag) ** (2 * hurst) + Math.abs(lag + 1) ** (2 * hurst)) / 2;

/** Added to the diagonal: increments of a smooth process are nearly dependent. It shows as white noise of 1e-5. */
const jitter = 1e-10;

/** Lower triangular rows whose product with their transpose is the correlation matrix (Cholesky): one for all entries of a kernel. */
export function toeplitzFactor(length: number, correlation: Correlation): Float64Array[] {
  const rows: Float64Array[] = [];
  const known = Float64Array.from({ length }, (_, lag) => correlation(lag));
  for (let i = 0; i < length; i++) {
    const row = new Float64Array(i + 1);
    for (let j = 0; j <= i; j++) {
      let rest = known[i - j]! + (i === j ? jitter : 0);
      const other = j === i ? row : rows[j]!;
      for (let k = 0; k < j; k++) rest -= row[k]! * other[k]!;
      row[j] = i === j ? Math.sqrt(Math.max(rest, 0)) : other[j]! > 0 ? rest / other[j]! : 0;
    }
    rows.push(row);
  }
  return rows;
}

/** One sequence of the law. */
export function correlated(rng: Rng, factor: readonly Float64Array[]): Float64Array {
  const white = Float64Array.from(factor, () => rng.normal());
  const path = new Float64Array(factor.length);
  for (let i = 0; i < path.length; i++) {
    const row = factor[i]!;
    let sum = 0;
    for (let k = 0; k <= i; k++) sum += row[k]! * white[k]!;
    path[i] = sum;
  }
  return path;
}
