/** @file Both ends of a symmetric operator's spectrum to the last digits: Lanczos with full reorthogonalization and thick restarts. */
import { norm } from '../metrics/moments.ts';
import { rng } from '../rng.ts';
import type { Eigenvalue } from './lanczos.ts';
import { symmetricEigen } from './symmetric.ts';
import { dot, leave, subtract } from './vectors.ts';

/** `vector` is a unit vector. */
export interface EndPair extends Eigenvalue {
  readonly vector: Float64Array;
}
export interface Ends {
  readonly top: readonly EndPair[]; // descending
  readonly bottom: readonly EndPair[]; // ascending
  readonly products: number;
}

export interface EndsWanted {
  readonly size: number;
  readonly top: number;
  readonly bottom: number;
  /** Residual at which a value is good, as a share of the largest magnitude; and the products after which it stops anyway. */
  readonly tolerance: number;
  readonly products: number;
  readonly seed: number;
}

/** Vectors out, products in: whoever drives it decides where products are made and whether to wait for them. */
export type Products<T> = Generator<Float64Array, T, Float64Array>;

/** Runs to the end with a product at hand. */
export function drive<T>(run: Products<T>, apply: (v: Float64Array) => Float64Array): T {
  let turn = run.next();
  while (!turn.done) turn = run.next(apply(turn.value));
  return turn.value;
}

/** As `drive`, for products that are waited for. */
export async function driveAsync<T>(run: Products<T>, apply: (v: Float64Array) => Promise<Float64Array>): Promise<T> {
  let turn = run.next();
  while (!turn.done) turn = run.next(await apply(turn.value));
  return turn.value;
}

/**
 * One start vector finds one copy of a repeated eigenvalue; so once both ends have settled, the search goes on from a fresh random vector
 * beside what was found, until nothing new comes up in either end. Source: Wu and Simon 2000; Parlett 1998, chapter 13.
 */
export function* spectrumEnds(wanted: EndsWanted): Products<Ends> {
  const { size, tolerance, seed } = wanted;
  const [top, bottom] = [Math.min(wanted.top, size), Math.min(wanted.bottom, size)];
  const kept = Math.min(size, Math.max(top, bottom, 1) + 6);
  const limit = Math.min(size, Math.max(3 * kept, 80));
  const found: { value: number; residual: number; vector: Float64Array }[] = [];
  const budget = { left: wanted.products };
  for (let round = 0; found.length < size && budget.left > 0; round++) {
    const start = randomBeside(
      size,
      found.map(({ vector }) => vector),
      seed,
      round,
    );
    if (!start) break;
    const fresh = yield* search({ start, locked: found.map(({ vector }) => vector), top, bottom, kept, limit, tolerance, budget });
    const known = [...found].sort((a, b) => b.value - a.value);
    // an end that nobody asked for has no news
    const floor = top > 0 ? (known[top - 1]?.value ?? -Infinity) : Infinity;
    const ceiling = bottom > 0 ? (known.at(-bottom)?.value ?? Infinity) : -Infinity;
    const scale = [...known, ...fresh].reduce((most, { value }) => Math.max(most, Math.abs(value)), 0);
    const news = fresh.filter(({ value }) => value > floor + tolerance * scale || value < ceiling - tolerance * scale);
    const enough = known.length >= Math.min(size, top + bottom);
    found.push(...(enough ? news : fresh));
    if (enough && news.length === 0) break;
  }
  const sorted = [...found].sort((a, b) => b.value - a.value);
  return { top: sorted.slice(0, top), bottom: sorted.reverse().slice(0, bottom), products: wanted.products - budget.left };
}

interface Search {
  readonly start: Float64Array;
  readonly locked: readonly Float64Array[];
  readonly top: number;
  readonly bottom: number;
  readonly kept: number;
  readonly limit: number;
  readonly tolerance: number;
  readonly budget: { left: number };
}

/** Ritz pairs of both ends beside the locked vectors, restarted from the best of them until their residuals are small. */
function* search({ start, locked, top, bottom, kept, limit, tolerance, budget }: Search) {
  let basis: Float64Array[] = [];
  let images: Float64Array[] = [];
  let next: Float64Array | null = start;
  let scale = 0;
  for (;;) {
    while (next && basis.length < limit && budget.left > 0) {
      const v: Float64Array = next;
      const w = Float64Array.from(yield v);
      budget.left--;
      scale = Math.max(scale, norm(w));
      basis.push(v);
      images.push(w);
      const rest = Float64Array.from(w);
      for (let pass = 0; pass < 2; pass++) leave(rest, [...locked, ...basis]);
      const length = norm(rest);
      next = length > 1e-13 * scale && length > 0 ? rest.map((value) => value / length) : null; // else an invariant space
    }
    const m = basis.length;
    const projected = new Float64Array(m * m);
    for (let i = 0; i < m; i++) for (let j = 0; j <= i; j++) projected[i * m + j] = projected[j * m + i] = dot(basis[i]!, images[j]!);
    const { values, vectors } = orthonormal(projected, m);
    const combined = (columns: readonly Float64Array[], i: number) => combine(columns, vectors[i]!);
    const pair = (i: number) => {
      const [vector, image] = [combined(basis, i), combined(images, i)];
      leave(image, locked);
      const residual = norm(image.map((value, at) => value - values[i]! * vector[at]!));
      return { value: values[i]!, residual: Math.max(residual, 2 ** -52 * scale), vector };
    };
    const ends = [...new Set([...range(0, Math.min(top, m)), ...range(Math.max(m - bottom, 0), m)])];
    const pairs = ends.map(pair);
    if (!next || budget.left <= 0 || pairs.every(({ residual }) => residual <= tolerance * scale)) return pairs;
    const again = [...new Set([...range(0, Math.min(kept, m)), ...range(Math.max(m - kept, 0), m)])].slice(0, Math.max(limit - 2, 1));
    [basis, images] = [again.map((i) => combined(basis, i)), again.map((i) => combined(images, i))];
    for (let pass = 0; pass < 2; pass++) leave(next, [...locked, ...basis]);
    const length = norm(next);
    next = next.map((value) => value / length);
  }
}

/** Eigenpairs with vectors orthogonal to each other also where values are close: one Gram-Schmidt over those of inverse iteration. */
function orthonormal(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array[] } {
  const { values, vector } = symmetricEigen(matrix, n);
  const vectors: Float64Array[] = [];
  for (let i = 0; i < n; i++) {
    const v = Float64Array.from(vector(i));
    for (let pass = 0; pass < 2; pass++) leave(v, vectors);
    const length = norm(v);
    vectors.push(length > 1e-8 ? v.map((value) => value / length) : randomBeside(n, vectors, 1, i)!);
  }
  return { values, vectors };
}

/** A random unit vector orthogonal to the others; null where they fill the space. */
function randomBeside(size: number, others: readonly Float64Array[], seed: number, index: number): Float64Array | null {
  if (others.length >= size) return null;
  const random = rng(seed, 'probe', index);
  const v = Float64Array.from({ length: size }, () => random.normal());
  for (let pass = 0; pass < 3; pass++) {
    leave(v, others);
    const length = norm(v);
    for (let i = 0; i < size; i++) v[i]! /= length;
  }
  return v;
}

const range = (from: number, to: number) => Array.from({ length: Math.max(to - from, 0) }, (_, i) => from + i);

function combine(columns: readonly Float64Array[], coefficients: Float64Array): Float64Array {
  const out = new Float64Array(columns[0]!.length);
  columns.forEach((column, j) => subtract(out, -coefficients[j]!, column));
  return out;
}
