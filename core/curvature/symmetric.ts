/** @file All eigenvalues of a dense symmetric matrix, and the eigenvectors of chosen ones: Householder, implicit QL, inverse iteration. */
import { rng } from '../rng.ts';
import { normalize, plainRoom, tridiagonalize, type TakeRoom, type Tridiagonal } from './householder.ts';
import { tridiagonalEigenvalues } from './tridiagonal.ts';
import { leave } from './vectors.ts';

export interface SymmetricEigen {
  /** All n, descending, with multiplicity. */
  readonly values: Float64Array;
  /** A unit eigenvector of `values[i]` [n]; in a degenerate space any one of it. */
  vector(i: number): Float64Array;
  /** ‖A v - λ v‖ of that vector: an eigenvalue lies within it of `values[i]`. */
  residual(i: number): number;
}

/**
 * Eigenvalues to a few n·2⁻⁵³ of the largest. Cost: 4/3 n³ for the reduction (2.2 s for n = 2,000, 0.7 in a room of WebAssembly), n² for each
 * vector.
 *
 * Source: Golub and Van Loan 2013, sections 8.3 and 7.6.1.
 *
 * @param matrix [n, n] row-major; the mean of it and its transpose is taken. Residuals read it again
 * @throws RangeError where the length is not n² or an entry is not finite
 */
export function symmetricEigen(matrix: ArrayLike<number>, n: number, takeRoom: TakeRoom = plainRoom): SymmetricEigen {
  if (matrix.length !== n * n) throw new RangeError(`symmetricEigen: ${n} rows take ${n * n} entries, got ${matrix.length}`);
  const room = takeRoom(n);
  let reduced: Tridiagonal;
  let scale: number;
  try {
    scale = fill(room.rows, matrix, n);
    reduced = tridiagonalize(room, n);
  } finally {
    room.release();
  }
  const { diagonal, offDiagonal } = reduced;
  const values = tridiagonalEigenvalues(diagonal, offDiagonal);
  const vectors = new Map<number, Float64Array>();
  const vector = (i: number): Float64Array => {
    const known = vectors.get(i);
    if (known) return known;
    const v = inverseIteration(diagonal, offDiagonal, values[i]!, i);
    reduced.back(v);
    normalize(v);
    vectors.set(i, v);
    return v;
  };
  return {
    values: values.map((value) => value * scale),
    vector,
    residual(i) {
      const v = vector(i);
      let sum = 0;
      for (let row = 0; row < n; row++) {
        let product = -values[i]! * v[row]!;
        for (let j = 0; j < n; j++) product += (entry(matrix, n, row, j) / (scale || 1)) * v[j]!;
        sum += product * product;
      }
      return Math.sqrt(sum) * scale;
    },
  };
}

/** Of the mean of the matrix and its transpose. */
function entry(matrix: ArrayLike<number>, n: number, i: number, j: number): number {
  const [x, y] = [matrix[i * n + j]!, matrix[j * n + i]!];
  return x === y ? x : x / 2 + y / 2; // their sum may overflow
}

/** The upper triangle over its largest magnitude: squares of the entries neither under- nor overflow. @returns that magnitude */
function fill(rows: Float64Array, matrix: ArrayLike<number>, n: number): number {
  let scale = 0;
  for (let i = 0, at = 0; i < n; i++)
    for (let j = i; j < n; j++) {
      const value = entry(matrix, n, i, j);
      if (!Number.isFinite(value)) throw new RangeError(`symmetricEigen: entries must be finite, got ${value} at [${i}, ${j}]`);
      rows[at++] = value;
      scale = Math.max(scale, Math.abs(value));
    }
  if (scale > 0) for (let i = 0; i < rows.length; i++) rows[i]! /= scale;
  return scale;
}

/** Unit eigenvectors of these values, at right angles to each other in a degenerate space as well. */
export function eigenbasis(eigen: SymmetricEigen, indices: readonly number[]): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const i of indices) {
    const v = Float64Array.from(eigen.vector(i));
    for (let pass = 0; pass < 2; pass++) leave(v, basis);
    normalize(v);
    basis.push(v);
  }
  return basis;
}

/** Solves (T - λ) x = b three times by elimination with row exchanges, from a start of its own for each i. */
function inverseIteration(diagonal: Float64Array, offDiagonal: Float64Array, value: number, i: number): Float64Array {
  const n = diagonal.length;
  const random = rng(1, 'probe', i);
  let x = Float64Array.from({ length: n }, () => random.normal());
  normalize(x);
  const size = diagonal.reduce((most, d, k) => Math.max(most, Math.abs(d) + Math.abs(offDiagonal[k] ?? 0)), 0);
  const tiny = Math.max(size * Number.EPSILON, Number.MIN_VALUE * 2 ** 60);
  for (let sweep = 0; sweep < 3; sweep++) {
    x = solveShifted(diagonal, offDiagonal, value, x, tiny);
    normalize(x);
  }
  return x;
}

function solveShifted(d: Float64Array, e: Float64Array, shift: number, b: Float64Array, tiny: number): Float64Array<ArrayBuffer> {
  const n = d.length;
  const x = Float64Array.from(b);
  const [u, u1, u2] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)]; // the three diagonals that elimination leaves
  let [pivot, next] = [d[0]! - shift, e[0] ?? 0];
  for (let k = 0; k < n - 1; k++) {
    const [below, diagonal, after] = [e[k]!, d[k + 1]! - shift, e[k + 1] ?? 0];
    if (Math.abs(pivot) >= Math.abs(below)) {
      if (Math.abs(pivot) < tiny) pivot = pivot < 0 ? -tiny : tiny;
      const factor = below / pivot;
      [u[k], u1[k]] = [pivot, next];
      x[k + 1]! -= factor * x[k]!;
      [pivot, next] = [diagonal - factor * next, after];
    } else {
      const factor = pivot / below;
      [u[k], u1[k], u2[k]] = [below, diagonal, after];
      [x[k], x[k + 1]] = [x[k + 1]!, x[k]! - factor * x[k + 1]!];
      [pivot, next] = [next - factor * diagonal, -factor * after];
    }
  }
  u[n - 1] = Math.abs(pivot) < tiny ? (pivot < 0 ? -tiny : tiny) : pivot;
  for (let k = n - 1; k >= 0; k--) x[k] = (x[k]! - u1[k]! * (x[k + 1] ?? 0) - u2[k]! * (x[k + 2] ?? 0)) / u[k]!;
  return x;
}
