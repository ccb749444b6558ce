/** @file Eigenvalues of a symmetric tridiagonal matrix with the last row of the eigenvectors, all that Lanczos needs of them. */

/** One eigenpair of T: the value and its eigenvector, of unit norm. */
export interface Ritz {
  readonly value: number;
  readonly vector: Float64Array; // [R]
}

/**
 * All eigenpairs, values descending, by the QL algorithm with implicit shifts.
 *
 * Error: about 2.2e-16 of the largest value. Cost: O(R³) with vectors. Source: Golub and Van Loan 2013, section 8.3.
 *
 * @param diagonal [R]
 * @param offDiagonal
 * @throws RangeError where lengths do not fit or an entry is not finite
 */
export function tridiagonalEigen(diagonal: ArrayLike<number>, offDiagonal: ArrayLike<number>): Ritz[] {
  const n = diagonal.length;
  const z = new Float64Array(n * n); // columns are eigenvectors
  for (let i = 0; i < n; i++) z[i * n + i] = 1;
  const d = diagonalize(diagonal, offDiagonal, z, n);
  const order = Array.from(d.keys()).sort((a, b) => d[b]! - d[a]!);
  return order.map((column) => ({ value: d[column]!, vector: Float64Array.from({ length: n }, (_, row) => z[row * n + column]!) }));
}

/** The values alone, descending, in O(R²). */
export const tridiagonalEigenvalues = (diagonal: ArrayLike<number>, offDiagonal: ArrayLike<number>): Float64Array =>
  diagonalize(diagonal, offDiagonal, new Float64Array(0), 0).sort().reverse();

/** @param z [rows, R] what the rotations are applied to; no rows where only the values are wanted */
function diagonalize(diagonal: ArrayLike<number>, offDiagonal: ArrayLike<number>, z: Float64Array, rows: number): Float64Array {
  const n = diagonal.length;
  if (offDiagonal.length !== Math.max(n - 1, 0))
    throw new RangeError(`tridiagonalEigen: ${n} diagonal entries take ${n - 1} off-diagonal ones, got ${offDiagonal.length}`);
  const d = Float64Array.from(diagonal);
  const e = new Float64Array(n);
  e.set(Float64Array.from(offDiagonal));
  for (const value of [...d, ...e])
    if (!Number.isFinite(value)) throw new RangeError(`tridiagonalEigen: entries must be finite, got ${value}`);
  const largest = d.reduce((most, value, i) => Math.max(most, Math.abs(value), Math.abs(e[i]!)), 0);
  const unit = largest > 0 ? 2 ** Math.floor(Math.log2(largest)) : 1; // changes no digit, and rotations of 1e-300 keep theirs
  for (let i = 0; i < n; i++) {
    d[i]! /= unit;
    e[i]! /= unit;
  }
  const negligible = Number.EPSILON * d.reduce((most, value, i) => Math.max(most, Math.abs(value) + Math.abs(e[i]!)), 0);
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      const m = firstSmall(d, e, l, negligible);
      if (m === l) break;
      if (sweep === 60) throw new RangeError(`tridiagonalEigen: no convergence after 60 sweeps at row ${l}`);
      sweepQl(d, e, z, rows, l, m);
    }
  }
  return d.map((value) => value * unit);
}

/** The first m ≥ l whose coupling to m+1 is nothing beside its neighbours, or beside the whole: among eigenvalues of 1e-17 the first never comes. */
function firstSmall(d: Float64Array, e: Float64Array, l: number, negligible: number): number {
  let m = l;
  while (m < d.length - 1 && Math.abs(e[m]!) > Math.max(negligible, Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!)))) m++;
  return m;
}

/** One implicit QL sweep over rows l…m with Wilkinson's shift. */
function sweepQl(d: Float64Array, e: Float64Array, z: Float64Array, rows: number, l: number, m: number): void {
  const n = d.length;
  let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
  let r = Math.hypot(g, 1);
  g = d[m]! - d[l]! + e[l]! / (g + (g >= 0 ? r : -r));
  let [s, c, p] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i]!;
    const b = c * e[i]!;
    r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1]! -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1]! - p;
    r = (d[i]! - g) * s + 2 * c * b;
    p = s * r;
    d[i + 1] = g + p;
    g = c * r - b;
    for (let row = 0; row < rows; row++) {
      const upper = z[row * n + i + 1]!;
      const lower = z[row * n + i]!;
      z[row * n + i + 1] = s * lower + c * upper;
      z[row * n + i] = c * lower - s * upper;
    }
  }
  d[l]! -= p;
  e[l] = g;
  e[m] = 0;
}
