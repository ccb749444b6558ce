/** @file Singular values of a dense matrix: Householder reflections to two diagonals, then implicit QL on the symmetric matrix that has ±σ as eigenvalues. */
import { tridiagonalEigenvalues } from './tridiagonal.ts';

/** Row-major. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array; // [rows, columns]
}

/**
 * The min(rows, columns) singular values, descending; NaN all of them where an entry is not finite.
 *
 * Error: a few n·2⁻⁵³ of the largest, for the smallest too (no square of the matrix is formed). Cost: 4 m n² for n ≤ m.
 * Source: Golub and Kahan 1965.
 */
export function singularValues({ rows, columns, values }: Matrix): Float64Array {
  const [m, n] = [Math.max(rows, columns), Math.min(rows, columns)];
  let largest = 0;
  for (const value of values) largest = Number.isFinite(value) ? Math.max(largest, Math.abs(value)) : NaN;
  if (!(largest > 0)) return new Float64Array(n).fill(largest);
  // squares of the entries neither under- nor overflow; the n longer sides lie one behind the other
  const sides = Array.from({ length: n }, (_, j) =>
    Float64Array.from({ length: m }, (_, i) => (rows >= columns ? values[i * columns + j]! : values[j * columns + i]!) / largest),
  );
  const couplings: number[] = []; // d₁ e₁ d₂ e₂ … dₙ
  for (let k = 0; k < n; k++) {
    const pivot = sides[k]!;
    couplings.push(reflector(pivot, k));
    for (let j = k + 1; j < n; j++) reflect(sides[j]!, pivot, k);
    if (k === n - 1) break;
    const across = Float64Array.from({ length: n }, (_, j) => (j > k ? sides[j]![k]! : 0));
    couplings.push(reflector(across, k + 1));
    const sums = new Float64Array(m);
    for (let j = k + 1; j < n; j++) addTo(sums, across[j]!, sides[j]!, k + 1);
    for (let j = k + 1; j < n; j++) addTo(sides[j]!, -2 * across[j]!, sums, k + 1);
  }
  const pairs = tridiagonalEigenvalues(new Float64Array(2 * n), couplings); // [2n]: ±σ
  return Float64Array.from({ length: n }, (_, i) => Math.max(pairs[i]!, 0) * largest);
}

/** Makes of x its reflection's unit vector v (zero for the identity): (I - 2 v vᵀ) x has only its entry `from` left, which is returned. */
function reflector(x: Float64Array, from: number): number {
  let squares = 0;
  for (let i = from; i < x.length; i++) squares += x[i]! * x[i]!;
  const length = Math.sqrt(squares);
  if (length === 0) return 0;
  const image = x[from]! > 0 ? -length : length;
  const rest = Math.sqrt(2 * length * (length + Math.abs(x[from]!))); // ‖x - image·e‖
  x[from]! -= image;
  for (let i = from; i < x.length; i++) x[i]! /= rest;
  return image;
}

function reflect(x: Float64Array, v: Float64Array, from: number): void {
  let sum = 0;
  for (let i = from; i < x.length; i++) sum += v[i]! * x[i]!;
  addTo(x, -2 * sum, v, from);
}

function addTo(target: Float64Array, factor: number, x: Float64Array, from: number): void {
  for (let i = from; i < target.length; i++) target[i]! += factor * x[i]!;
}
