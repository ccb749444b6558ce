/** @file Lanczos: the ends of a symmetric operator's spectrum from a few products, each value with its residual. */
import { tridiagonalEigen, type Ritz } from './tridiagonal.ts';
import { dot, subtract } from './vectors.ts';

/** A Ritz value: an eigenvalue of the operator lies within `residual` of `value`. Both in the operator's unit. */
export interface Eigenvalue {
  readonly value: number;
  readonly residual: number;
}

export interface Spectrum {
  /**
   * Descending, as many as were built before the space was exhausted. `coefficients` [R] in the Lanczos basis, of
   * the sign that points along the start vector: sums of Ritz vectors would otherwise hang on rounding. `weight` is the share of the
   * start vector's square along it, a Gauss quadrature of the spectrum as the start sees it (weights sum to 1).
   */
  readonly values: readonly (Eigenvalue & { readonly coefficients: Float64Array; readonly weight: number })[];
  /** Products used. */
  readonly rank: number;
}

/**
 * Reads the spectrum off the coefficients of a Lanczos run.
 *
 * The run may have gone on after the Krylov space was exhausted (β ≈ 0, then rounding noise): everything from there on is cut off.
 * `noise` is the relative size of a β that means nothing: the precision in which the products were made. No residual is smaller than that
 * share of the largest value: the formula knows nothing of rounding, and would promise 1e-17 of a float32 eigenvalue.
 *
 * @param alpha [R] diagonal of T
 * @param beta [R] norms of the remainders; the last one is the residual's scale
 */
export function ritzSpectrum(alpha: ArrayLike<number>, beta: ArrayLike<number>, noise: number): Spectrum {
  let scale = 0;
  let rank = 0;
  while (rank < alpha.length) {
    scale = Math.max(scale, Math.abs(alpha[rank]!), Math.abs(beta[rank]!));
    rank++;
    if (Math.abs(beta[rank - 1]!) <= noise * scale) break;
  }
  const last = Math.abs(beta[rank - 1]!);
  const ritz: Ritz[] = tridiagonalEigen(Array.from(alpha).slice(0, rank), Array.from(beta).slice(0, rank - 1));
  return {
    rank,
    values: ritz.map(({ value, vector }) => ({
      value,
      residual: Math.max(last * Math.abs(vector[rank - 1]!), noise * scale),
      coefficients: vector[0]! < 0 ? vector.map((value) => -value) : vector,
      weight: vector[0]! ** 2,
    })),
  };
}

/**
 * True where the `top` largest values and, if asked for, the smallest are right to a share `tolerance` of themselves, as far as a run can
 * know: the error is at most the residual, and at most its square over the distance to the next value (Kato 1949, Temple 1928). It cannot
 * know of an eigenvector that the start has no share in.
 */
export function settled(
  { values }: Spectrum,
  wanted: { readonly top: number; readonly bottom: boolean; readonly tolerance: number },
): boolean {
  const last = values.length - 1;
  const ends = [...Array.from({ length: Math.min(wanted.top, last + 1) }, (_, i) => i), ...(wanted.bottom ? [last] : [])];
  return ends.every((i) => {
    const { value, residual } = values[i]!;
    const gaps = [values[i - 1], values[i + 1]].filter((other) => other !== undefined);
    const gap = gaps.length === 0 ? 0 : Math.min(...gaps.map((other) => Math.abs(other.value - value) - other.residual));
    const error = gap > 0 ? Math.min(residual, residual ** 2 / gap) : residual;
    return error <= wanted.tolerance * Math.abs(value);
  });
}

/**
 * The slow and sure Lanczos in float64: two passes of full reorthogonalization. Oracle of the one that instruments run (`workers/curvatureLanczos.ts`).
 *
 * Source: Parlett 1998, chapter 13.
 *
 * @param apply v ↦ Av, [P] → [P]
 * @param start [P], not zero
 * @throws RangeError for a start that is zero or not finite
 */
export function lanczos(apply: (v: Float64Array) => Float64Array, start: Float64Array, rank: number): Spectrum {
  const length = Math.sqrt(dot(start, start));
  if (!(length > 0 && Number.isFinite(length)))
    throw new RangeError(`lanczos: the start vector's norm must be positive and finite, got ${length}`);
  const basis = [start.map((value) => value / length)];
  const alpha: number[] = [];
  const beta: number[] = [];
  const steps = Math.min(rank, start.length);
  for (let j = 0; j < steps; j++) {
    const w = Float64Array.from(apply(basis[j]!));
    alpha.push(dot(w, basis[j]!));
    for (let pass = 0; pass < 2; pass++) for (const q of basis) subtract(w, dot(w, q), q);
    const norm = Math.sqrt(dot(w, w));
    beta.push(norm);
    if (norm <= 1e-13 * Math.max(...alpha.map(Math.abs), ...beta)) break;
    basis.push(w.map((value) => value / norm));
  }
  return ritzSpectrum(alpha, beta, 1e-13);
}
