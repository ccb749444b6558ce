/** @file The paper's own kind of network, small: convolutions with batch normalization under decay, rescaling and learning-rate scaling. */
import { column, lastRow, type RunResult } from '../../results.ts';
import { mean } from '../../statistics.ts';
import { equilibriumAngle } from '../../theory/equilibrium.ts';
import { byArm, leanOver, meanOver, seedsOf } from '../arms.ts';
import type { Budget, Estimate, Finding, TrainedClaim } from '../claim.ts';
import { pairedGain } from './offSpan.ts';

const kernels = [0, 1, 2];
const learningRate = 0.05;
const momentum = 0.9;
const decay = 1e-2;
const arms = {
  none: { kind: 'none' },
  l2: { kind: 'l2', coefficient: decay },
  weightRescaling: { kind: 'weightRescaling' },
  learningRateScaling: { kind: 'learningRateScaling' },
} as const;
const titles = { none: 'no decay', l2: 'WD 1e-2', weightRescaling: 'WRS', learningRateScaling: 'learning-rate scaling' };
type Name = keyof typeof arms;
const names = Object.keys(arms) as Name[];
interface Size {
  readonly channels: number;
  readonly train: number;
  readonly steps: number;
  readonly seeds: number;
}
const sizes: Readonly<Record<Budget, Size>> = {
  tiny: { channels: 4, train: 500, steps: 250, seeds: 2 },
  quick: { channels: 8, train: 1_000, steps: 400, seeds: 3 },
  full: { channels: 16, train: 2_000, steps: 2_000, seeds: 10 },
};
const metrics = [
  'weightNorm',
  'weightAngle',
  'effectiveLearningRate',
  'smallestFilterNorm',
  'largestFilterNorm',
  'heldOutAccuracy',
] as const;

const specOf = (name: Name, { channels, train, steps }: Size, seed: number) => {
  const fields = leanOver(steps, ['weightNorm', 'weightAngle', 'effectiveLearningRate']);
  return {
    network: { kind: 'vgg', stages: 3, channels, normalization: 'batchNorm' },
    dataset: { kind: 'glyphs', train, heldOut: 1_000, seed },
    optimizer: { kind: 'momentum', learningRate, momentum },
    regularizer: arms[name],
    batchSize: 50,
    seed,
    ...fields,
    metrics: { ...fields.metrics, weights: steps },
  };
};

/** One number for every convolution. */
const perKernel = (of: (kernel: number) => number): number[] => kernels.map(of);
const settledAngle = (run: RunResult, kernel: number): number => {
  const { values } = column(run.series('weightAngle'), kernel);
  return Math.sqrt(mean(values.slice(Math.floor((2 * values.length) / 3)).map((angle) => angle ** 2)));
};
/** Ratio of the last to the first row, or to the row at a share of the run. */
const growth = (run: RunResult, metric: string, kernel: number, from = 0): number => {
  const { values } = column(run.series(metric), kernel);
  return values.at(-1)! / values[Math.floor(from * (values.length - 1))]!;
};

/** @param angle the law of the settled angle */
export function judgeConvolutions(runs: readonly RunResult[], seed: number, angle = equilibriumAngle): Finding {
  const groups = byArm(runs, ({ spec }) => spec.regularizer.kind);
  const of = (name: Name) => (groups.get(name) ?? []).filter(({ status }) => status === 'finished');
  const accuracy = (name: Name) => new Map(of(name).map((run) => [run.spec.seed, lastRow(run.series('heldOutAccuracy'))?.[0] ?? NaN]));
  const each = (name: Name, value: (run: RunResult, kernel: number) => number) =>
    of(name).flatMap((run) => perKernel((kernel) => value(run, kernel)));
  const over = (title: string, values: readonly number[], predicted: number, window: readonly [number, number]): Estimate =>
    meanOver(title, values, predicted, window, seed);
  const law = angle({ learningRate, decay, momentum });
  const filters = (metric: string) => each('weightRescaling', (run, kernel) => lastRow(run.series(metric))?.[kernel] ?? NaN);
  return {
    estimates: [
      over('WRS, shortest filter of a layer', filters('smallestFilterNorm'), 1, [1 - 1e-6, 1 + 1e-6]),
      over('WRS, longest filter of a layer', filters('largestFilterNorm'), 1, [1 - 1e-6, 1 + 1e-6]),
      over('no decay, norm at the end over the start, least of the layers', leastOf(of('none')), NaN, [1.001, Infinity]),
      over(
        'WD, angle of a step over the law',
        each('l2', (run, kernel) => settledAngle(run, kernel) / law),
        1,
        [0.85, 1.15],
      ),
      over(
        'effective rate at the end over a quarter of the run, WD',
        each('l2', (run, k) => growth(run, 'effectiveLearningRate', k, 0.25)),
        NaN,
        [1.02, Infinity],
      ),
      over(
        'the same, no decay',
        each('none', (run, k) => growth(run, 'effectiveLearningRate', k, 0.25)),
        NaN,
        [0, 1],
      ),
      over(
        'the same, WRS',
        each('weightRescaling', (run, k) => growth(run, 'effectiveLearningRate', k, 0.25)),
        1,
        [1 - 1e-5, 1 + 1e-5],
      ),
      over(
        'learning-rate scaling, growth of the norm over that without decay',
        each('learningRateScaling', (run, k) => growth(run, 'weightNorm', k)).map(
          (value, i) => value / (each('none', (run, k) => growth(run, 'weightNorm', k))[i] ?? NaN),
        ),
        NaN,
        [1.02, Infinity],
      ),
      pairedGain('test accuracy, WRS minus no decay', accuracy('weightRescaling'), accuracy('none'), 0, [-0.01, 1], seed),
      pairedGain('test accuracy, WRS minus WD', accuracy('weightRescaling'), accuracy('l2'), 0, [-0.03, 0.03], seed),
    ],
    curves: names.flatMap((name) => {
      const [first] = of(name);
      if (!first) return [];
      return (['weightNorm', 'effectiveLearningRate'] as const).map((metric) => {
        const { steps, values } = column(first.series(metric), 1);
        return {
          figure: metric === 'weightNorm' ? 'Norm of the second convolution' : 'Effective learning rate of the second convolution',
          title: titles[name],
          x: 'step',
          y: metric === 'weightNorm' ? '‖W‖' : 'η/‖W‖²',
          log: { y: true },
          points: steps.flatMap((x, i) => (i % Math.ceil(steps.length / 50) === 0 ? [{ x, y: values[i]!, predicted: null }] : [])),
        };
      });
    }),
  };
}
const leastOf = (runs: readonly RunResult[]): number[] =>
  runs.map((run) => Math.min(...perKernel((kernel) => growth(run, 'weightNorm', kernel))));

export const convolutionalRescaling: TrainedClaim = {
  name: 'convolutionalRescaling',
  title: 'In a convolutional network decay lets the effective rate rise, rescaling holds it, and both test alike',
  statement:
    'Three convolutions with batch normalization learn images with momentum. Without decay norms grow and the effective rate falls; under decay it rises after the first phase until the angle of a step settles, as the second version stresses; rescaling keeps norms at one and the rate where it is, at no cost in accuracy.',
  formula: '\\eta_{\\text{eff}} = \\eta/\\|W_\\ell\\|^2,\\qquad \\theta_{\\text{WD}} \\to \\sqrt{2\\eta\\lambda/(1+\\mu)}',
  provenance: 'paper',
  assumptions: [
    'glyph images in place of CIFAR-10 and three convolutions in place of VGG16',
    'momentum 0.9 at rate 0.05; decay strong enough to settle within the run',
  ],
  recipe:
    'WD 1e-2, WRS, learning-rate scaling and none on 1,000 images, 400 steps, 3 seeds, paired: filters under WRS of norm 1 to 1e-6; norms without decay grow in every layer; effective rate after a quarter of the run rising with WD, falling without, constant with WRS; settled angle, over the last third, within 15% of the law; norms growing faster where the rate grows with them; test accuracy of WRS at most 0.01 below none and within 0.03 of WD. The bounds on angle, WD and growth are our choice, and so are rate, decay and the length of the run: the angle must have time to settle in it.',
  discrepancy:
    'The paper’s figures are of VGG16 on CIFAR-10 and their numbers are not at hand; that its rising rate over-fits is not shown here, where WD and WRS test alike.',
  example: specOf('weightRescaling', sizes.quick, 1),
  specs: (budget, seed) => seedsOf(seed, sizes[budget].seeds, 100).flatMap((of) => names.map((name) => specOf(name, sizes[budget], of))),
  metrics,
  judge: (runs, seed) => judgeConvolutions(runs, seed),
};
