/** @file Naive integrable networks: three weight layers learn, five never leave the start, four leave it the later the wider they are. */
import { column, firstStep, lastRow, type RunResult } from '../../results.ts';
import { mean, median } from '../../statistics.ts';
import { curveOfRuns, overSeeds, repeated, leanOver } from '../arms.ts';
import type { Budget, TrainedClaim } from '../claim.ts';

interface Arm {
  readonly depth: number;
  readonly width: number;
  readonly steps: number;
}
const arms: Readonly<Record<Budget, readonly Arm[]>> = {
  tiny: [
    { depth: 2, width: 32, steps: 150 },
    { depth: 3, width: 24, steps: 150 },
    { depth: 3, width: 96, steps: 150 },
    { depth: 4, width: 96, steps: 100 },
  ],
  quick: [
    { depth: 2, width: 256, steps: 300 },
    ...[32, 64, 128, 256].map((width) => ({ depth: 3, width, steps: 300 })),
    { depth: 4, width: 256, steps: 200 },
  ],
  full: [2, 3, 4, 5].flatMap((depth) => [128, 256, 512, 1024, 1400].map((width) => ({ depth, width, steps: 600 }))),
};
const spec = ({ depth, width, steps }: Arm) => ({
  network: { kind: 'mlpChain', depth, width, bias: false },
  activation: 'relu',
  init: 'he',
  parameterization: 'ip',
  dataset: { kind: 'gaussianMixture', radius: 1.5, noise: 0.5, train: 2000, heldOut: 500 },
  batchSize: 128,
  ...leanOver(steps, ['loss']),
  optimizer: { kind: 'sgd', learningRate: 0.2 },
});

const of = ({ spec: { network } }: RunResult) => ({ depth: Number(network.depth), width: Number(network.width) });
/** Of the last ten steps, so that one batch does not decide. */
export const finalLoss = (run: RunResult): number => {
  const { values } = column(run.series('loss'));
  return values.length > 0 ? mean(values.slice(-10)) : NaN;
};
/** The first step whose loss is below 2; that of the end where none is. */
const escape = (run: RunResult): number => {
  const step = firstStep(run.series('loss'), ([loss]) => loss! < 2);
  return Number.isNaN(step) && lastRow(run.series('loss')) ? run.spec.steps : step;
};

export const stationaryStart: TrainedClaim = {
  name: 'stationaryStart',
  title: 'From four weight layers on, naive integrable networks start at a stationary point',
  statement:
    'At the usual learning rates of the mean field, integrable networks of three weight layers learn. With five the loss does not move; with four it stays on its plateau the longer the wider the network.',
  formula: '\\mathcal L(t) \\to \\log 10\\ \\text{as}\\ m \\to \\infty\\ \\text{for}\\ L \\ge 3\\ \\text{hidden layers}',
  provenance: 'paper',
  assumptions: [
    'ReLU, centred independent weights, no biases',
    'softmax cross-entropy over 10 classes',
    'SGD at rate 0.2, with the factors m, m², m of the integrable parameterization',
  ],
  recipe:
    'Ten Gaussian classes in 32 dimensions, batch 128, 2 seeds. L = 4, m = 256: after 200 steps the loss is from 2.295 to 2.305. L = 2: below 0.1 after 300. L = 3: the step at which the loss passes 2 grows with m, from 32 to 256 by more than a tenth. The rate is our choice (full: L = 2 to 5, m = 128 to 1,400, 600 steps).',
  discrepancy:
    'The abstract says that networks of more than four layers do not learn, the code from depth four on. The derivation gives a stationary point in the limit from four weight layers on; at a finite width four of them do leave it, after a time that grows with the width, and five stay. All three are drawn.',
  example: spec({ depth: 4, width: 256, steps: 200 }),
  metrics: ['loss'],
  specs: (budget, seed) => repeated(arms[budget].map(spec), seed, 2),
  judge(runs, seed) {
    const groups = Map.groupBy(runs, (run) => `L = ${of(run).depth}, m = ${of(run).width}`);
    const sorted = [...groups.values()].sort(([a], [b]) => of(a!).depth - of(b!).depth || of(a!).width - of(b!).width);
    const at = (depth: number) => sorted.filter(([run]) => of(run!).depth === depth);
    const [four] = at(3);
    const most = (all: readonly (readonly number[])[]) => Math.max(...all.map((values) => median(values)));
    return {
      estimates: [
        {
          name: 'three weight layers: final loss',
          ...overSeeds(at(2), finalLoss, most, seed),
          predicted: 0,
          window: [0, 0.1],
        },
        {
          name: 'five weight layers: final loss',
          // of the widest, as the statement is about the limit
          ...overSeeds(at(4).slice(-1), finalLoss, ([all]) => median(all!), seed),
          predicted: Math.log(10),
          window: [2.295, 2.305],
        },
        {
          name: 'four weight layers: steps to leave, widest over narrowest',
          ...(at(3).length > 1
            ? overSeeds([four!, at(3).at(-1)!], escape, ([narrow, wide]) => median(wide!) / median(narrow!), seed)
            : { value: NaN, interval: [NaN, NaN] as const }),
          predicted: NaN,
          window: [1.1, Infinity],
        },
      ],
      curves: sorted.map((arm) => {
        const { depth, width } = of(arm[0]!);
        return curveOfRuns(
          arm,
          'loss',
          { figure: `${['Three', 'Four', 'Five', 'Six'][depth - 2] ?? depth + 1} weight layers`, title: `m = ${width}`, y: 'loss' },
          () => (depth >= 4 ? Math.log(10) : null),
        );
      }),
    };
  },
};
