/** @file A symmetric matrix to tridiagonal form by Householder reflections, in one pass over its upper triangle for each. */

/** The upper triangle, row after row, and four vectors beside it. */
interface Triangle {
  readonly rows: Float64Array; // [n (n + 1) / 2]
  readonly vectors: readonly [Float64Array, Float64Array, Float64Array, Float64Array]; // [n] each
  /**
   * On the rows and columns from `from` on: A ← A - v wᵀ - w vᵀ, and p ← A u of what that gives. v, u and w, p are vectors by number.
   *
   * One pass for both reads the matrix half as often as two.
   */
  pass(from: number, v: number, w: number, u: number, p: number): void;
}
export interface Room extends Triangle {
  release(): void;
}
/** Room for an n x n matrix, whatever was there before. */
export type TakeRoom = (n: number) => Room;

export interface Tridiagonal {
  readonly diagonal: Float64Array; // [n]
  readonly offDiagonal: Float64Array; // [n - 1]
  /** x ← Q x, from an eigenvector of T to one of A. */
  back(x: Float64Array): void;
}

/** Where row i would begin if it had its first i entries. */
const rowOf = (n: number, i: number): number => i * n - (i * (i + 1)) / 2;

/** Room in JavaScript: as a pass in WebAssembly, at a third of its speed (`workers/vectors/triangle.ts`). */
export function plainRoom(n: number): Room {
  const rows = new Float64Array((n * (n + 1)) / 2);
  const vectors = [new Float64Array(n), new Float64Array(n), new Float64Array(n), new Float64Array(n)] as const;
  return {
    rows,
    vectors,
    pass(from, vAt, wAt, uAt, pAt) {
      const [v, w, u, p] = [vectors[vAt]!, vectors[wAt]!, vectors[uAt]!, vectors[pAt]!];
      p.fill(0, from);
      for (let i = from; i < n; i++) {
        const row = rowOf(n, i);
        const [vi, wi, ui] = [v[i]!, w[i]!, u[i]!];
        const own = rows[row + i]! - 2 * vi * wi;
        rows[row + i] = own;
        let sum = own * ui;
        for (let j = i + 1; j < n; j++) {
          const value = rows[row + j]! - (vi * w[j]! + wi * v[j]!);
          rows[row + j] = value;
          sum += value * u[j]!;
          p[j]! += value * ui;
        }
        p[i]! += sum;
      }
    },
    release() {},
  };
}

/**
 * T = Qᵀ A Q with the matrix in the room's rows, which are overwritten. Reflection k is I - 2 u uᵀ on rows k+1…n-1, u of unit length (0 for the
 * identity). Cost: 4/3 n³. Source: Golub and Van Loan 2013, section 8.3.1.
 */
export function tridiagonalize({ rows, vectors, pass }: Triangle, n: number): Tridiagonal {
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(Math.max(n - 1, 0));
  let [vAt, wAt, uAt, pAt] = [0, 1, 2, 3];
  for (const vector of vectors) vector.fill(0);
  for (let k = 0; k < n; k++) {
    const row = rowOf(n, k);
    const [v, w, u, p] = [vectors[vAt]!, vectors[wAt]!, vectors[uAt]!, vectors[pAt]!];
    for (let j = k; j < n; j++) rows[row + j]! -= v[k]! * w[j]! + w[k]! * v[j]!; // what the last pass left to do, for this row
    diagonal[k] = rows[row + k]!;
    if (k === n - 1) break;
    u.set(rows.subarray(row + k + 1, row + n), k + 1);
    offDiagonal[k] = reflect(u.subarray(k + 1));
    rows.set(u.subarray(k + 1), row + k + 1); // the row is done with: its reflection takes its place
    pass(k + 1, vAt, wAt, uAt, pAt);
    // A ← A - u wᵀ - w uᵀ with w = 2 (A u - (uᵀ A u) u)
    let uAu = 0;
    for (let i = k + 1; i < n; i++) uAu += u[i]! * p[i]!;
    for (let i = k + 1; i < n; i++) p[i] = 2 * (p[i]! - uAu * u[i]!);
    [vAt, wAt, uAt, pAt] = [uAt, pAt, vAt, wAt];
  }
  const reflections = rows.slice();
  return {
    diagonal,
    offDiagonal,
    back(x) {
      for (let k = n - 2; k >= 0; k--) {
        const row = rowOf(n, k);
        let sum = 0;
        for (let i = k + 1; i < n; i++) sum += reflections[row + i]! * x[i]!;
        for (let i = k + 1; i < n; i++) x[i]! -= 2 * sum * reflections[row + i]!;
      }
    },
  };
}

/** x becomes the unit vector of the reflection that leaves nothing of x but its first entry. @returns that entry */
function reflect(x: Float64Array): number {
  const first = x[0]!;
  const below = x.subarray(1).reduce((sum, value) => sum + value * value, 0);
  if (below === 0) {
    x.fill(0);
    return first;
  }
  const alpha = (first > 0 ? -1 : 1) * Math.sqrt(first * first + below);
  x[0] = first - alpha;
  normalize(x);
  return alpha;
}

export function normalize(v: Float64Array): void {
  const largest = v.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const length = largest * Math.sqrt(v.reduce((sum, x) => sum + (x / largest) ** 2, 0));
  if (length > 0) for (let i = 0; i < v.length; i++) v[i]! /= length;
}
