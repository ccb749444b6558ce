/** @file The power method, shifted so that it finds signed ends: for comparison, as it needs far more products than Lanczos. */
import { dot, subtract } from '#core/curvature/vectors.ts';
import { norm as length } from '#core/metrics/moments.ts';
import { rng } from '#core/rng.ts';
import type { Operator } from './spectrum.ts';

const sweeps = 20_000;
const tolerance = 1e-10;

/**
 * The largest magnitude m first; then A + |m| has no negative eigenvalue and its largest is the top end, and |m| - A gives the bottom.
 * Further values are found beside those that are known.
 */
export async function powerEnds(
  operator: Operator,
  { top, bottom, seed }: { top?: number | undefined; bottom?: number | undefined; seed: number },
) {
  const answer: Record<string, unknown> = {};
  let products = 0;
  const apply = async (v: Float64Array) => (products++, (await operator.apply([v]))[0]!);
  const largest = await iterate(operator.size, apply, [], seed);
  const shift = Math.abs(largest.value) * 1.0001;
  for (const [name, sign, count] of [['top', 1, top] as const, ['bottom', -1, bottom] as const]) {
    if (count === undefined) continue;
    const known: Float64Array[] = [];
    const found: { value: number; residual: number }[] = [];
    for (let k = 0; k < Math.min(count, operator.size); k++) {
      const moved = async (v: Float64Array) => (await apply(v)).map((x, i) => sign * x + shift * v[i]!);
      const { value, vector, residual } = await iterate(operator.size, moved, known, seed + k + 1);
      known.push(vector);
      found.push({ value: sign * (value - shift), residual });
    }
    found.sort((a, b) => sign * (b.value - a.value));
    answer[name] = found.map(({ value }) => value);
    answer[`${name}Residuals`] = found.map(({ residual }) => residual);
  }
  return { ...answer, products };
}

async function iterate(size: number, apply: (v: Float64Array) => Promise<Float64Array>, beside: readonly Float64Array[], seed: number) {
  const random = rng(seed >>> 0, 'probe', 2);
  let v = Float64Array.from({ length: size }, () => random.normal());
  const clean = (x: Float64Array): Float64Array<ArrayBuffer> => {
    const out = Float64Array.from(x);
    for (const q of beside) subtract(out, dot(out, q), q);
    return out;
  };
  v = clean(v);
  const start = length(v);
  v = v.map((x) => x / start);
  for (let sweep = 0; ; sweep++) {
    const whole = await apply(v);
    const image = clean(whole);
    const value = dot(v, image);
    const distance = (of: Float64Array) => length(of.map((x, i) => x - value * v[i]!));
    const size1 = length(image);
    // what is left beside the vectors that are known settles the sweep; the residual is that of the operator, as those are not exact
    if (size1 === 0 || distance(image) <= tolerance * size1 || sweep === sweeps)
      return { value, residual: Math.max(distance(whole), 2 ** -52 * size1), vector: v };
    v = image.map((x) => x / size1);
  }
}
