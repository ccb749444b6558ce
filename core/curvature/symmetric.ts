/** @file All eigenvalues of a dense symmetric matrix, and the eigenvectors of chosen ones: Householder, implicit QL, inverse iteration. */
import { rng } from '../rng.ts';
import { tridiagonalEigenvalues } from './tridiagonal.ts';
import { dot, subtract } from './vectors.ts';

export interface SymmetricEigen {
  /** All n, descending, with multiplicity. */
  readonly values: Float64Array;
  /** A unit eigenvector of `values[i]` [n]; in a degenerate space any one of it. */
  vector(i: number): Float64Array;
  /** ‖A v - λ v‖ of that vector: an eigenvalue lies within it of `values[i]`. */
  residual(i: number): number;
}

/**
 * Eigenvalues to a few n·2⁻⁵³ of the largest. Cost: 4/3 n³ for the reduction (about 8 s for n = 2,000), n² for each vector.
 *
 * Source: Golub and Van Loan 2013, sections 8.3 and 7.6.1.
 *
 * @param matrix [n, n] row-major; the mean of it and its transpose is taken
 * @throws RangeError where the length is not n² or an entry is not finite
 */
export function symmetricEigen(matrix: ArrayLike<number>, n: number): SymmetricEigen {
  if (matrix.length !== n * n) throw new RangeError(`symmetricEigen: ${n} rows take ${n * n} entries, got ${matrix.length}`);
  const a = new Float64Array(n * n);
  let scale = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const [x, y] = [matrix[i * n + j]!, matrix[j * n + i]!];
      const value = x === y ? x : x / 2 + y / 2; // their sum may overflow
      if (!Number.isFinite(value)) throw new RangeError(`symmetricEigen: entries must be finite, got ${value} at [${i}, ${j}]`);
      a[i * n + j] = value;
      scale = Math.max(scale, Math.abs(value));
    }
  if (scale > 0) for (let i = 0; i < a.length; i++) a[i]! /= scale; // squares of the entries neither under- nor overflow
  const original = a.slice();
  const { diagonal, offDiagonal, reflections } = tridiagonalize(a, n);
  const values = tridiagonalEigenvalues(diagonal, offDiagonal);
  const vectors = new Map<number, Float64Array>();
  const vector = (i: number): Float64Array => {
    const known = vectors.get(i);
    if (known) return known;
    const v = inverseIteration(diagonal, offDiagonal, values[i]!, i);
    for (let k = reflections.length - 1; k >= 0; k--) reflect(v, reflections[k]!, k + 1);
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
        for (let j = 0; j < n; j++) product += original[row * n + j]! * v[j]!;
        sum += product * product;
      }
      return Math.sqrt(sum) * scale;
    },
  };
}

/** Unit eigenvectors of these values, at right angles to each other in a degenerate space as well. */
export function eigenbasis(eigen: SymmetricEigen, indices: readonly number[]): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const i of indices) {
    const v = Float64Array.from(eigen.vector(i));
    for (let pass = 0; pass < 2; pass++) for (const q of basis) subtract(v, dot(q, v), q);
    normalize(v);
    basis.push(v);
  }
  return basis;
}

/** T = Qᵀ A Q, `a` is overwritten. Reflection k is I - 2 v vᵀ on rows k+1…n-1, v of unit length (empty for the identity). */
function tridiagonalize(a: Float64Array, n: number) {
  const reflections: Float64Array[] = [];
  const offDiagonal = new Float64Array(Math.max(n - 1, 0));
  const p = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    const from = k + 1;
    const v = new Float64Array(n - from);
    for (let i = from; i < n; i++) v[i - from] = a[i * n + k]!;
    const length = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
    const below = Math.sqrt(v.subarray(1).reduce((sum, x) => sum + x * x, 0));
    if (below === 0) {
      offDiagonal[k] = v[0]!;
      reflections.push(new Float64Array(0));
      continue;
    }
    const alpha = v[0]! > 0 ? -length : length;
    offDiagonal[k] = alpha;
    v[0]! -= alpha;
    normalize(v);
    reflections.push(v);
    // A ← A - 2 v wᵀ - 2 w vᵀ with w = A v - (vᵀ A v) v
    let vAv = 0;
    for (let i = from; i < n; i++) {
      let sum = 0;
      const row = i * n + from;
      for (let j = 0; j < v.length; j++) sum += a[row + j]! * v[j]!;
      p[i - from] = sum;
      vAv += sum * v[i - from]!;
    }
    for (let i = 0; i < v.length; i++) p[i]! -= vAv * v[i]!;
    for (let i = from; i < n; i++) {
      const row = i * n + from;
      const [vi, wi] = [2 * v[i - from]!, 2 * p[i - from]!];
      for (let j = 0; j < v.length; j++) a[row + j]! -= vi * p[j]! + wi * v[j]!;
    }
  }
  return { diagonal: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!), offDiagonal, reflections };
}

function reflect(x: Float64Array, v: Float64Array, from: number): void {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i]! * x[from + i]!;
  for (let i = 0; i < v.length; i++) x[from + i]! -= 2 * sum * v[i]!;
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

function normalize(v: Float64Array): void {
  const largest = v.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const length = largest * Math.sqrt(v.reduce((sum, x) => sum + (x / largest) ** 2, 0));
  if (length > 0) for (let i = 0; i < v.length; i++) v[i]! /= length;
}
