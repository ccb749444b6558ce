/** @file After training, weights over depth are as smooth or as rough as they began. */
import { fractionalNoise, rbfIncrements } from '../../inits/paths.ts';
import { lastRow, type RunResult } from '../../results.ts';
import { mean } from '../../statistics.ts';
import { expectedRoughness } from '../../theory/pathRegularity.ts';
import { curveOfRuns, overSeeds, repeated, leanOver } from '../arms.ts';
import type { Budget, Estimate, TrainedClaim } from '../claim.ts';

interface Arm {
  readonly law: 'rbf' | 'independent';
  readonly beta: number;
  readonly rate: number;
}
const arms: readonly Arm[] = [
  { law: 'rbf', beta: 1, rate: 0.001 },
  { law: 'rbf', beta: 1, rate: 0.01 },
  { law: 'independent', beta: 1, rate: 0.01 },
  { law: 'independent', beta: 0.5, rate: 0.01 },
];
const sizes: Readonly<Record<Budget, { width: number; depth: number; epochs: number; arms: readonly Arm[]; seeds: number }>> = {
  tiny: { width: 12, depth: 64, epochs: 4, arms: arms.slice(1), seeds: 2 },
  quick: { width: 16, depth: 64, epochs: 8, arms, seeds: 3 },
  full: { width: 30, depth: 1000, epochs: 10, arms, seeds: 3 },
};
const perEpoch = 12;
const spec = (budget: Budget, { law, beta, rate }: Arm) => {
  const { width, depth, epochs } = sizes[budget];
  const fields = leanOver(epochs * perEpoch, ['loss']);
  return {
    ...fields,
    network: { kind: 'resnet', depth, width, branch: 'res1', beta },
    activation: 'relu',
    init: { kind: 'smooth', law },
    dataset: { kind: 'teacherNetwork', train: 1500, heldOut: 1000 },
    batchSize: 128,
    optimizer: { kind: 'adam', learningRate: rate },
    metrics: { ...fields.metrics, weights: perEpoch },
  };
};

const armOf = ({ spec: { init, network, optimizer } }: RunResult): Arm => ({
  law: init.law as Arm['law'],
  beta: Number(network.beta),
  rate: Number(optimizer.learningRate),
});
const average = ([all]: readonly (readonly number[])[]) => mean(all!);
const after = (metric: string) => (run: RunResult) => lastRow(run.series(metric))?.[0] ?? NaN;
/** Of the branches’ kernels, on average. */
const moved = (run: RunResult) => {
  const row = lastRow(run.series('relativeInitialDistance'));
  return row ? mean(row.slice(1, -1)) : NaN;
};

export const smoothnessStays: TrainedClaim = {
  name: 'smoothnessStays',
  title: 'Training keeps the regularity that weights over depth begin with',
  statement:
    'Weights that are initialized smooth over the blocks stay smooth while they are trained, independent ones stay rough: the limit, an ordinary or a stochastic differential equation, is chosen at the start.',
  formula:
    'r = \\frac{\\overline{(w_{k+1} - w_k)^2}}{2\\,\\overline{\\operatorname{var}_k w}},\\qquad r(t) \\approx r(0) = \\frac{1 - \\rho_1}{1 - \\bar\\rho}',
  provenance: 'our choice',
  assumptions: [
    'res-1 blocks with ReLU',
    'smooth: Gaussian process with kernel variance 0.01 over depth 0 to 1',
    'Adam; entries of variance 1/d at the start',
  ],
  recipe:
    'd = 16, L = 64, ten classes of a random teacher, batch 128, 8 epochs, 3 seeds (full: d = 30, L = 1,000, 10 epochs). Roughness after training: below 0.06 for smooth weights at both rates, above 0.85 for independent ones at β = 1 and ½; at the larger rate the kernels must have moved by a tenth of their norm.',
  discrepancy:
    'The paper shows one weight over the layers of a network trained on MNIST and speaks of smooth and rough. The measure of roughness, its bounds and the teacher’s data are ours. It looks at steps from block to block; the Hurst index, which looks at running sums, does rise for independent weights, to about 0.7 at β = 1: training adds to all blocks a part in common, which sums see and steps do not.',
  example: spec('quick', arms[1]!),
  metrics: ['loss', 'weightRoughness', 'weightHurst', 'relativeInitialDistance'],
  specs: (budget, seed) =>
    repeated(
      sizes[budget].arms.map((arm) => spec(budget, arm)),
      seed,
      sizes[budget].seeds,
    ),
  judge(runs, seed) {
    const groups = [...Map.groupBy(runs, (run) => JSON.stringify(armOf(run))).values()].map((all) => ({ ...armOf(all[0]!), all }));
    const words = ({ law, beta, rate }: Arm) => `${law === 'rbf' ? 'smooth' : 'independent'}, β = ${beta}, rate ${rate}`;
    const start = ({ law, all }: { law: Arm['law']; all: readonly RunResult[] }) => {
      const depth = Number(all[0]!.spec.network.depth);
      return expectedRoughness(depth, law === 'rbf' ? rbfIncrements(depth, 0.01) : fractionalNoise(0.5));
    };
    const estimates = groups.flatMap((group): Estimate[] => {
      const [{ law, rate, all }, title] = [group, words(group)];
      const smooth = law === 'rbf';
      return [
        {
          name: `${title}: roughness after training`,
          ...overSeeds([all], after('weightRoughness'), average, seed),
          predicted: start(group),
          window: smooth ? [0, 0.06] : [0.85, Infinity],
        },
        ...(rate >= 0.01
          ? [
              {
                name: `${title}: relative distance moved`,
                ...overSeeds([all], moved, average, seed),
                predicted: NaN,
                window: [0.1, Infinity] as const,
              },
            ]
          : []),
      ];
    });
    return {
      estimates,
      curves: groups.flatMap((group) => [
        curveOfRuns(
          group.all,
          'weightRoughness',
          { figure: 'Roughness over depth while training', title: words(group), y: 'roughness', log: { y: true } },
          () => start(group),
        ),
        curveOfRuns(group.all, 'weightHurst', { figure: 'Hurst index while training', title: words(group), y: 'Hurst index' }),
      ]),
    };
  },
};
