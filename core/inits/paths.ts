/** @file Stationary Gaussian sequences with given correlations: one path of a weight over the depth of a network. */
import type { Rng } from '../rng.ts';

/** Correlation of two increments that are `lag` blocks apart. */
export type Correlation = (lag: number) => number;

/**
 * Increments of a process with covariance exp(-(s-t)²/2ℓ²) on a grid of N steps over [0, 1], normalized to variance 1. On a fine grid the
 * second difference of the covariance loses its digits, so that it is written with expm1 and sinh.
 */
export function rbfIncrements(blocks: number, variance: number): Correlation {
  const a = 1 / (2 * variance * blocks ** 2);
  const kernel = (lag: number) => Math.exp(-a * lag ** 2);
  if (a > 0.01) return (lag) => (2 * kernel(lag) - kernel(lag - 1) - kernel(lag + 1)) / (2 - 2 * kernel(1));
  return (lag) => kernel(lag) * (Math.cosh(2 * a * lag) + (2 * Math.sinh(a * lag) ** 2) / Math.expm1(-a));
}

/** Increments of fractional Brownian motion: ½(|k-1|^2H - 2|k|^2H + |k+1|^2H). */
export const fractionalNoise =
  (hurst: number): Correlation =>
  (lag) =>
    (Math.abs(lag - 1) ** (2 * hurst) - 2 * Math.abs(lag) ** (2 * hurst) + Math.abs(lag + 1) ** (2 * hurst)) / 2;

/** Rows whose product with their transpose is the correlation matrix: one for all entries of a kernel. */
export type Factor = readonly Float64Array[];

/** Lower triangular (Cholesky), for increments that do not depend on each other so much that rounding decides. */
function triangularFactor(length: number, correlation: Correlation): Factor {
  const rows: Float64Array[] = [];
  const known = Float64Array.from({ length }, (_, lag) => correlation(lag));
  for (let i = 0; i < length; i++) {
    const row = new Float64Array(i + 1);
    for (let j = 0; j <= i; j++) {
      let rest = known[i - j]!;
      const other = j === i ? row : rows[j]!;
      for (let k = 0; k < j; k++) rest -= row[k]! * other[k]!;
      row[j] = i === j ? Math.sqrt(rest) : rest / other[j]!;
    }
    rows.push(row);
  }
  return rows;
}

/** Of the variance 1 of each increment, what is left out. */
const leftOut = 1e-12;

/**
 * Of low rank, for a smooth process: the largest variance that is left goes next (Cholesky with pivots), until none is worth it. In the order of
 * the layers the matrix is indefinite by rounding, and blocks came out with hundreds of times their variance.
 */
function pivotedFactor(length: number, correlation: Correlation): Factor {
  const known = Float64Array.from({ length }, (_, lag) => correlation(lag));
  const left = new Float64Array(length).fill(1);
  const columns: Float64Array[] = [];
  for (;;) {
    let pivot = 0;
    for (let i = 1; i < length; i++) if (left[i]! > left[pivot]!) pivot = i;
    if (!(left[pivot]! > leftOut) || columns.length === length) break;
    const column = Float64Array.from({ length }, (_, i) => {
      if (left[i] === 0) return 0; // taken
      let rest = known[Math.abs(i - pivot)]!;
      for (const before of columns) rest -= before[i]! * before[pivot]!;
      return rest / Math.sqrt(left[pivot]!);
    });
    for (let i = 0; i < length; i++) left[i] = i === pivot ? 0 : Math.max(left[i]! - column[i]! ** 2, Number.MIN_VALUE);
    columns.push(column);
  }
  return Array.from({ length }, (_, i) => Float64Array.from(columns, (column) => column[i]!));
}

/** A smooth process with that kernel variance over the depth, or fractional noise with that Hurst index (½: independent). */
export type Law =
  { readonly kernelVariance: number; readonly hurst?: undefined } | { readonly hurst: number; readonly kernelVariance?: undefined };

export const correlationOf = (length: number, { kernelVariance, hurst }: Law): Correlation =>
  kernelVariance === undefined ? fractionalNoise(hurst) : rbfIncrements(length, kernelVariance);

export const pathFactor = (length: number, law: Law): Factor =>
  (law.kernelVariance === undefined ? triangularFactor : pivotedFactor)(length, correlationOf(length, law));

/** One sequence of the law. */
export function correlated(rng: Rng, factor: Factor): Float64Array {
  const white = Float64Array.from(factor.at(-1)!, () => rng.normal());
  return Float64Array.from(factor, (row) => {
    let sum = 0;
    for (let k = 0; k < row.length; k++) sum += row[k]! * white[k]!;
    return sum;
  });
}
