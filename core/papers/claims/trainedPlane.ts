/** @file After training: the accuracy over the plane of residual scale β and Hurst index H of the initial weights. */
import { lastRow, type RunResult } from '../../results.ts';
import { mean } from '../../statistics.ts';
import { overSeeds, repeated, leanOver } from '../arms.ts';
import type { Budget, Curve, Estimate, TrainedClaim } from '../claim.ts';

interface Size {
  readonly cells: readonly (readonly [beta: number, hurst: number])[];
  readonly rates: readonly number[];
  readonly width: number;
  readonly depth: number;
  readonly epochs: number;
}
const every = (betas: readonly number[], hursts: readonly number[]) =>
  hursts.flatMap((hurst) => betas.map((beta) => [beta, hurst] as const));
const tenth = Array.from({ length: 10 }, (_, i) => Number((0.1 + (0.8 * i) / 9).toFixed(3)));
const sizes: Readonly<Record<Budget, Size>> = {
  tiny: {
    cells: [
      [0.1, 0.9],
      [0.5, 0.9],
      [0.9, 0.9],
      [0.1, 0.1],
      [0.9, 0.1],
    ],
    rates: [0.01],
    width: 16,
    depth: 64,
    epochs: 6,
  },
  quick: { cells: every([0.1, 0.3, 0.5, 0.7, 0.9], [0.1, 0.5, 0.9]), rates: [0.001, 0.01], width: 16, depth: 64, epochs: 6 },
  full: { cells: every(tenth, tenth), rates: [0.0001, 0.001, 0.01, 0.1, 1], width: 30, depth: 1000, epochs: 10 },
};
const spec = ({ width, depth, epochs }: Size, beta: number, hurst: number, rate: number) => ({
  network: { kind: 'resnet', depth, width, branch: 'res1', beta },
  activation: 'relu',
  init: { kind: 'smooth', law: 'fractional', hurst },
  dataset: { kind: 'teacherNetwork', train: 1500, heldOut: 1000 },
  batchSize: 128,
  ...leanOver(epochs * 12, ['loss']),
  optimizer: { kind: 'adam', learningRate: rate },
});

const cellOf = ({ spec: { network, init } }: RunResult) => ({ beta: Number(network.beta), hurst: Number(init.hurst) });
const accuracy = (run: RunResult) => lastRow(run.series('heldOutAccuracy'))?.[0] ?? 0; // a run that diverged labels nothing
/** Of the best learning rate, the mean over seeds. */
const best = (groups: readonly (readonly number[])[]) => Math.max(...groups.map(mean));

export const trainedPlane: TrainedClaim = {
  name: 'trainedPlane',
  title: 'What trains is decided by scale and regularity together',
  statement:
    'How well a residual network trains depends on the exponent β and on the regularity H of its initial weights over depth jointly: where β lies far under the critical line of its H it does not learn at any rate.',
  formula: '\\text{accuracy}(\\beta, H)\\ \\text{fails for}\\ \\beta \\ll \\beta^*(H)',
  provenance: 'paper',
  assumptions: ['res-1 blocks with ReLU, fractional Gaussian noise over the blocks', 'Adam at the best of its rates'],
  recipe:
    'd = 16, L = 64, ten classes of a random teacher in 32 dimensions, 1,500 examples, batch 128, 6 epochs, rates 0.001 and 0.01, 2 seeds (full: d = 30, L = 1,000, the paper’s 10 × 10 cells and five rates, 10 epochs). Held-out accuracy: below 0.2 at β = 0.1, H = 0.9; lower by 0.1 at (0.5, 0.9) than at (0.9, 0.9); above 0.5 wherever β ≥ max(½, H); and above 0.3 at (0.1, 0.1), under the line of res-3 (our choice).',
  discrepancy:
    'The paper trains on MNIST and CIFAR-10; here a teacher gives the labels, so that nothing has to be fetched, and the rates are not lowered on the way. The critical line max(½, H) is that of res-3 blocks: the res-1 blocks trained here learn at H = 0.1 even with β = 0.1, as their own line before training predicts.',
  example: spec(sizes.quick, 0.5, 0.9, 0.01),
  metrics: ['heldOutAccuracy'],
  specs(budget, seed) {
    const size = sizes[budget];
    return repeated(
      size.cells.flatMap(([beta, hurst]) => size.rates.map((rate) => spec(size, beta, hurst, rate))),
      seed,
      2,
    );
  },
  judge(runs, seed) {
    const cells = [...Map.groupBy(runs, (run) => JSON.stringify(cellOf(run))).values()].map((all) => ({
      ...cellOf(all[0]!),
      rates: [...Map.groupBy(all, ({ spec }) => spec.optimizer.learningRate).values()],
    }));
    // the paper's grid has no cell at β = ½
    const near = (a: number, b: number) => Math.abs(a - b) < 0.05;
    const at = (beta: number, hurst: number) => cells.find((cell) => near(cell.beta, beta) && near(cell.hurst, hurst))?.rates ?? [];
    const [shallow, right] = [at(0.5, 0.9), at(0.9, 0.9)];
    const above = cells.filter(({ beta, hurst }) => beta >= Math.max(0.5, hurst));
    const split = (groups: readonly (readonly number[])[], sizes: readonly number[]) => {
      let from = 0;
      return sizes.map((length) => groups.slice(from, (from += length)));
    };
    const name = (beta: number, hurst: number) => `accuracy at β = ${beta}, H = ${hurst}`;
    const estimates: Estimate[] = [
      { name: name(0.1, 0.9), ...overSeeds(at(0.1, 0.9), accuracy, best, seed), predicted: 0.1, window: [0, 0.2] },
      {
        name: 'accuracy at β = 0.9 over that at 0.5, H = 0.9',
        ...(shallow.length === 0 || right.length === 0
          ? overSeeds([], accuracy, best, seed)
          : overSeeds(
              [...right, ...shallow],
              accuracy,
              (groups) => {
                const [one, other] = split(groups, [right.length, shallow.length]);
                return best(one!) - best(other!);
              },
              seed,
            )),
        predicted: NaN,
        window: [0.1, Infinity],
      },
      {
        name: 'lowest accuracy where β ≥ max(½, H)',
        ...overSeeds(
          above.flatMap(({ rates }) => rates),
          accuracy,
          (groups) =>
            Math.min(
              ...split(
                groups,
                above.map(({ rates }) => rates.length),
              ).map(best),
            ),
          seed,
        ),
        predicted: NaN,
        window: [0.5, 1],
      },
      { name: name(0.1, 0.1), ...overSeeds(at(0.1, 0.1), accuracy, best, seed), predicted: NaN, window: [0.3, 1] },
    ];
    const hursts = [...new Set(cells.map(({ hurst }) => hurst))].sort((a, b) => a - b);
    return {
      estimates,
      curves: hursts.map((hurst): Curve => ({
        figure: 'Held-out accuracy after training',
        title: `H = ${hurst}`,
        x: 'β',
        y: 'accuracy',
        points: cells
          .filter((cell) => cell.hurst === hurst)
          .sort((a, b) => a.beta - b.beta)
          .flatMap(({ beta, rates }) => {
            const { value, interval } = overSeeds(rates, accuracy, best, seed);
            return Number.isNaN(value) ? [] : [{ x: beta, y: value, interval, predicted: null }];
          }),
      })),
    };
  },
};
