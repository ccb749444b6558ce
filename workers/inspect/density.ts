/** @file The density of a symmetric operator's eigenvalues, exact or by quadrature, and the share of them below 0. */
import { driveAsync } from '#core/curvature/ends.ts';
import { estimate, lanczosQuadrature, smoothed, type Atom } from '#core/curvature/quadrature.ts';
import { norm } from '#core/metrics/moments.ts';
import type { Asked } from './ask.ts';
import { refuse } from './refusal.ts';
import { brokenText, denseLimit, eigenOf, isBroken, type Operator } from './spectrum.ts';

/** Density over a grid, its standard error over the probes (0 where the eigenvalues themselves are smoothed). */
export async function answerDensity(operator: Operator, asked: DensityAsked, path: string): Promise<Record<string, unknown>> {
  try {
    return await densityOf(operator, asked, path);
  } catch (error) {
    if (!isBroken(error)) throw error;
    return { of: asked.of, error: brokenText(error) };
  }
}

type DensityAsked = NonNullable<Asked['density']>;

async function densityOf(operator: Operator, asked: DensityAsked, path: string): Promise<Record<string, unknown>> {
  const { size } = operator;
  const exact = asked.method === 'exact' || (asked.method === 'auto' && size < denseLimit);
  if (exact && size >= denseLimit) refuse(`${path}.method`, `exact takes fewer than ${denseLimit} parameters, got ${size}; choose slq`);
  const measures: Atom[][] = exact
    ? [Array.from((await eigenOf(operator)).values, (value) => ({ value, weight: 1 / size }))]
    : await driveAsync(lanczosQuadrature(size, asked), async (v) => (await operator.apply([v]))[0]!);
  const values = measures.flat().map(({ value }) => value);
  const [low, high] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  const sigma = asked.sigma ?? Math.max((high - low) / 100, 1e-12 * Math.max(Math.abs(high), Math.abs(low)), Number.MIN_VALUE * 2 ** 60);
  const [from, to] = [low - 5 * sigma, high + 5 * sigma];
  const grid = asked.grid ?? Array.from({ length: asked.points }, (_, i) => from + ((to - from) * i) / (asked.points - 1));
  const density = smoothed(measures, grid, sigma);
  /** Mean over the spectrum of a function of the eigenvalue; its standard error is that over the probes. */
  const over = (name: string, of: (value: number) => number) => {
    const { value, error } = estimate(measures.map((atoms) => atoms.reduce((total, atom) => total + atom.weight * of(atom.value), 0)));
    return { [name]: value, [`${name}Error`]: exact ? 0 : error };
  };
  const nothing = await roundingOf(operator, measures[0]!.length, Math.max(Math.abs(low), Math.abs(high)));
  return {
    of: asked.of,
    method: exact ? 'exact' : 'slq',
    ...(exact ? {} : { probes: measures.length, rank: asked.rank }),
    sigma,
    grid,
    density: density.map(({ value }) => value),
    densityError: density.map(({ error }) => (exact ? 0 : error)),
    ...over('mean', (value) => value),
    ...over('meanSquare', (value) => value ** 2),
    ...negativeShare(measures, nothing, (atoms) => exact || atoms.length < asked.rank || atoms.length === size),
  };
}

/**
 * A quadrature tells what lies below 0 only up to the atoms on either side of it: their whole weight may lie on the other one (the
 * inequalities of Chebyshev, Markov and Stieltjes). The middle of what is possible, its half width on top of the error over the probes.
 */
function negativeShare(measures: readonly (readonly Atom[])[], nothing: number, complete: (atoms: readonly Atom[]) => boolean) {
  const each = measures.map((atoms) => {
    const sorted = [...atoms].sort((a, b) => a.value - b.value);
    const negative = sorted.filter(({ value }) => value < -nothing);
    const below = negative.reduce((sum, { weight }) => sum + weight, 0);
    if (complete(atoms)) return { value: below, slack: 0 };
    const [inner, outer] = [negative.at(-1)?.weight ?? 0, sorted[negative.length]?.weight ?? 0];
    return { value: below + (outer - inner) / 2, slack: (outer + inner) / 2 };
  });
  const { value, error } = estimate(each.map((one) => one.value));
  const slack = each.reduce((sum, one) => sum + one.slack, 0) / each.length;
  return { negativeShare: value, negativeShareError: (each.length > 1 ? error : 0) + slack };
}

/** What rounding makes of an eigenvalue that is 0, as most are of a matrix of low rank: half of those would count as negative. */
export async function roundingOf({ noise, dense }: Operator, values: number, scale: number): Promise<number> {
  const solver = 8 * Math.sqrt(values) * noise * scale;
  if (!dense) return solver;
  const matrix = await dense;
  const size = Math.sqrt(matrix.length);
  return solver + norm(matrix.map((value, at) => value - matrix[(at % size) * size + Math.floor(at / size)]!)); // products are symmetric but for theirs
}
