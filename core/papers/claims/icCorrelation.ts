/** @file Normalization and dropout in front of a weight layer: correlations between its inputs shrink to p times what they were. */
import { rng } from '../../rng.ts';
import { mean } from '../../statistics.ts';
import { bootstrap, drawnSoFar, slope, type Budget, type Finding, type Progress, type SimulatedClaim } from '../claim.ts';

const keeps = [0.5, 0.7, 0.9];
const correlations = [-0.6, -0.3, 0, 0.3, 0.6, 0.9];
const sizes: Readonly<Record<Budget, { readonly draws: number; readonly repeats: number }>> = {
  tiny: { draws: 8_000, repeats: 5 },
  quick: { draws: 60_000, repeats: 10 },
  full: { draws: 400_000, repeats: 20 },
};
/** Octiles of the normal law: what a unit says, coarsely enough to count. */
const edges = [-1.15, -0.67, -0.32, 0, 0.32, 0.67, 1.15];
const levels = edges.length + 2; // the last one is a closed gate
const levelOf = (x: number): number => edges.filter((edge) => x > edge).length;

/** A pair of standardized units, each behind a gate of its own that is open with probability p; closed ones give 0. */
export type Gate = (pair: readonly [number, number], keep: number, uniform: () => number) => readonly [number | null, number | null];
export const ownGates: Gate = ([x, y], keep, uniform) => [uniform() < keep ? x : null, uniform() < keep ? y : null];

/** Correlation of the gated pair, and its mutual information in nats from counts. */
function measure(correlation: number, keep: number, draws: number, gate: Gate, seed: number, repeat: number) {
  const random = rng(seed, 'dropout', repeat, Math.round(1000 * (correlation + 1) + 10_000 * keep));
  const sums = { x: 0, y: 0, xx: 0, yy: 0, xy: 0 };
  const counts = new Float64Array(levels * levels);
  const other = Math.sqrt(1 - correlation ** 2);
  for (let i = 0; i < draws; i++) {
    const x = random.normal();
    const [a, b] = gate([x, correlation * x + other * random.normal()], keep, random.uniform);
    const [u, v] = [a ?? 0, b ?? 0];
    sums.x += u;
    sums.y += v;
    sums.xx += u * u;
    sums.yy += v * v;
    sums.xy += u * v;
    counts[(a === null ? levels - 1 : levelOf(a)) * levels + (b === null ? levels - 1 : levelOf(b))]! += 1 / draws;
  }
  const centred = (square: number, s: number, t: number) => square / draws - (s / draws) * (t / draws);
  const spread = Math.sqrt(centred(sums.xx, sums.x, sums.x) * centred(sums.yy, sums.y, sums.y));
  const margin = (of: (row: number, column: number) => number) =>
    Float64Array.from({ length: levels }, (_, row) => Array.from({ length: levels }, (_unused, column) => counts[of(row, column)]!).reduce((a, b) => a + b, 0)); // prettier-ignore
  const [rows, columns] = [margin((row, column) => row * levels + column), margin((row, column) => column * levels + row)];
  let information = 0;
  counts.forEach((share, at) => {
    if (share > 0) information += share * Math.log(share / (rows[Math.floor(at / levels)]! * columns[at % levels]!));
  });
  return { correlation: centred(sums.xy, sums.x, sums.y) / spread, information };
}

/** @param gate what stands in the place of dropout */
export function* gatedPairs(budget: Budget, seed: number, gate: Gate = ownGates): Generator<Progress, Finding> {
  const { draws, repeats } = sizes[budget];
  const strongest = correlations.at(-1)!;
  const slopes = keeps.map((): number[] => []);
  const information = keeps.map((): number[] => []);
  const gated = keeps.map(() => correlations.map((): number[] => []));
  const middle = (values: readonly number[]) => bootstrap([values], ([all]) => mean(all!), seed);
  const curves = () =>
    keeps.map((keep, k) => ({
      figure: 'Correlation behind the gates',
      title: `p = ${keep}`,
      x: 'correlation of the normalized units',
      y: 'correlation behind dropout',
      law: 'p\\,c',
      points: correlations.map((x, i) => ({ x, y: mean(gated[k]![i]!), interval: middle(gated[k]![i]!).interval, predicted: keep * x })),
    }));
  for (let repeat = 0; repeat < repeats; repeat++) {
    const open = measure(strongest, 1, draws, ownGates, seed, repeat).information;
    for (const [k, keep] of keeps.entries()) {
      const found = correlations.map((correlation) => measure(correlation, keep, draws, gate, seed, repeat));
      found.forEach((one, i) => gated[k]![i]!.push(one.correlation));
      slopes[k]!.push(slope(correlations, found.map((one) => one.correlation))); // prettier-ignore
      information[k]!.push(found.at(-1)!.information / open);
    }
    yield drawnSoFar((repeat + 1) / repeats, curves());
  }
  return {
    estimates: keeps.flatMap((keep, k) => [
      {
        name: `correlation over the original, p = ${keep}`,
        ...middle(slopes[k]!),
        predicted: keep,
        window: [keep - 0.01, keep + 0.01] as const,
      },
      {
        name: `mutual information over the original, p = ${keep}`,
        ...middle(information[k]!),
        predicted: keep ** 2,
        window: [keep ** 2 - 0.02, keep ** 2 + 0.02] as const,
      },
    ]),
    curves: curves(),
  };
}

export const icCorrelation: SimulatedClaim = {
  name: 'icCorrelation',
  title: 'Normalization and dropout make inputs less dependent',
  statement:
    'In front of a weight layer, normalization followed by dropout multiplies the correlation between two inputs by the share p that is kept, and their mutual information by its square.',
  formula: '\\operatorname{corr}(g_i x_i, g_j x_j) = p\\, c_{ij},\\qquad I(g_i x_i; g_j x_j) = p^2 I(x_i; x_j)',
  provenance: 'paper',
  assumptions: [
    'normalized units: mean 0, variance 1',
    'a gate of its own for each unit, open with probability p',
    'a closed gate can be told from an open one',
  ],
  recipe:
    '60,000 Gaussian pairs at six correlations, 10 times (full: 400,000, 20 times), p = 0.5, 0.7, 0.9. The slope of the correlations must be within 0.01 of p, the ratio of mutual information, counted in eight levels at correlation 0.9, within 0.02 of p².',
  discrepancy:
    'Normalization is needed: without it a unit has a mean, which dropout turns into variance, and the correlation shrinks by more than p. The mean of rectified units is never zero.',
  example: {
    network: { kind: 'icChain', depth: 8, width: 64, rate: 0.1 },
    dataset: { kind: 'gaussianMixture', classes: 4, inputs: 16 },
    metrics: { samples: 10 },
  },
  measure: (budget, seed) => gatedPairs(budget, seed),
};
