/** @file Gram matrices of finite networks approach the infinite one like one over the square root of the width. */
import { rng } from '../../rng.ts';
import { mean, median } from '../../statistics.ts';
import { dualKernels } from '../../theory/dualKernels.ts';
import { gramOfHidden } from '../../theory/gramLaws.ts';
import { bootstrap, drawnSoFar, slope, type Budget, type Finding, type Progress, type SimulatedClaim } from '../claim.ts';
import { correlationsOf, drawnGram, smallest, spherePoints } from '../simulations/gram.ts';

const [n, dimension] = [20, 5];
const kinds = ['relu', 'gelu'] as const;
const sizes: Readonly<Record<Budget, { readonly widths: readonly number[]; readonly draws: number }>> = {
  tiny: { widths: [100, 400, 1_600], draws: 6 },
  quick: { widths: [100, 300, 1_000, 3_000, 10_000], draws: 12 },
  full: { widths: [100, 300, 1_000, 3_000, 10_000, 30_000], draws: 30 },
};
const squares = (a: readonly Float64Array[], b?: readonly Float64Array[]): number =>
  a.reduce((sum, row, i) => sum + row.reduce((of, value, j) => of + (value - (b?.[i]![j] ?? 0)) ** 2, 0), 0);

/** @param limits the kernels at infinite width */
export function* approach(
  budget: Budget,
  seed: number,
  limits = { relu: dualKernels.relu().slope, gelu: dualKernels.gelu().slope },
): Generator<Progress, Finding> {
  const { widths, draws } = sizes[budget];
  const errors = kinds.map(() => widths.map((): number[] => []));
  const ratios = kinds.map(() => widths.map((): number[] => []));
  const curves = () =>
    kinds.flatMap((kind, k) => {
      if (errors[k]![0]!.length === 0) return [];
      const first = median(errors[k]![0]!) * Math.sqrt(widths[0]!); // the law says nothing of the factor
      return [
        {
          figure: 'Distance from the infinite network',
          title: kind,
          x: 'width',
          y: 'relative error of the Gram matrix',
          log: { x: true, y: true },
          law: '\\propto m^{-1/2}',
          points: errors[k]!.filter(({ length }) => length > 0).map((values, at) => ({
            x: widths[at]!,
            y: median(values),
            interval: bootstrap([values], ([group]) => median(group!), seed).interval,
            predicted: first / Math.sqrt(widths[at]!),
          })),
        },
      ];
    });
  const points = spherePoints(rng(seed, 'data'), n, dimension);
  const correlations = correlationsOf(points);
  for (const [k, kind] of kinds.entries()) {
    const limit = gramOfHidden(correlations, limits[kind]);
    const least = smallest(limit);
    for (const [at, width] of widths.entries()) {
      for (let draw = 0; draw < draws; draw++) {
        const gram = drawnGram(rng(seed, 'init', draw, width), points, width, kind);
        errors[k]![at]!.push(Math.sqrt(squares(gram, limit) / squares(limit)));
        ratios[k]![at]!.push(smallest(gram) / least);
      }
      yield drawnSoFar((k + (at + 1) / widths.length) / kinds.length, curves());
    }
  }
  const logs = widths.map(Math.log);
  return {
    estimates: kinds.flatMap((kind, k) => [
      {
        name: `${kind}, slope of log error against log width`,
        ...bootstrap(
          errors[k]!,
          (groups) =>
            slope(
              logs,
              groups.map((group) => Math.log(median(group))),
            ),
          seed,
        ),
        predicted: -0.5,
        window: [-0.6, -0.4] as const,
      },
      {
        name: `${kind}, λ_min over its limit at width ${widths.at(-1)}`,
        ...bootstrap([ratios[k]!.at(-1)!], ([group]) => mean(group!), seed),
        predicted: 1,
        window: [0.95, 1.05] as const,
      },
    ]),
    curves: curves(),
  };
}

export const finiteWidth: SimulatedClaim = {
  name: 'finiteWidth',
  title: 'Wide networks have the Gram matrix of the infinite one',
  statement:
    'The Gram matrix of a drawn network is an average over its units, so it approaches that of the infinite network like one over the square root of the width, and its smallest eigenvalue with it.',
  formula: '\\|G_m - G_\\infty\\|_F/\\|G_\\infty\\|_F \\propto m^{-1/2}',
  provenance: 'derived',
  assumptions: ['weights N(0, I), readouts ±1/√m', '20 random points on the sphere in 5 dimensions'],
  recipe:
    'Widths 100 to 10,000, 12 draws each: slope of the log of the median error against the log of the width between -0.6 and -0.4; mean of λ_min over its limit within 5% of 1 at the largest width. The windows are our choice.',
  example: {
    network: { kind: 'twoLayer', width: 1024, trained: 'hidden' },
    activation: 'relu',
    init: 'lecun',
    dataset: { kind: 'sphere', inputs: 5, train: 20 },
    batchSize: 20,
    loss: 'meanSquaredError',
    optimizer: { kind: 'gradientDescent' },
    metrics: { gram: 'auto' },
  },
  measure: (budget, seed) => approach(budget, seed),
};
