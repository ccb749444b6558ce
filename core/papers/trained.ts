/** @file What claims that train have in common: specs that measure no more than they must, arms over seeds, losses as they end. */
import { column, type RunResult } from '../results.ts';
import { median } from '../statistics.ts';
import { bootstrap, type Curve, type Estimate } from './claim.ts';

/** Nothing measured but the loss over the training set; whoever wants more says so. */
export const lean = {
  metrics: { step: [], evaluationEvery: 100, weights: 'never', samples: 'never', gram: 'never' },
  curvature: { enabled: false },
  checkpointEvery: 10_000_000,
  runtime: { name: 'onnx', device: 'cpu', threads: 1, precision: 'float32' },
} as const;

/** One way to train, of several that a claim compares over the same seeds. */
export interface Arm {
  readonly title: string;
  readonly network: Readonly<Record<string, unknown>>;
  readonly optimizer: Readonly<Record<string, unknown>>;
}

const within = (all: object, some: object): boolean =>
  Object.entries(some).every(([key, value]) => (all as Record<string, unknown>)[key] === value);

/** The runs of an arm: those whose spec says what it says. */
export const runsOf = (arm: Arm, runs: readonly RunResult[]): RunResult[] =>
  runs.filter(({ spec }) => within(spec.network, arm.network) && within(spec.optimizer, arm.optimizer));

/** Every arm with every seed; seed by seed, so that a part of the runs already compares. */
export const armSpecs = (
  base: Readonly<Record<string, unknown>>,
  arms: readonly Arm[],
  seed: number,
  count: number,
): Readonly<Record<string, unknown>>[] =>
  Array.from({ length: count }, (_, i) =>
    arms.map(({ network, optimizer }) => ({ ...lean, ...base, network, optimizer, seed: 1000 * seed + i })),
  ).flat();

/** Training losses at the end of runs that have ended; a run that diverged counts as one that learned nothing. */
export function finalLosses(runs: readonly RunResult[], chance: number): number[] {
  return runs.flatMap((run) => {
    if (run.status === 'diverged') return [chance];
    const { steps, values } = column(run.series('trainLoss'));
    return steps.at(-1) === run.spec.steps ? [values.at(-1)!] : [];
  });
}

const unknown = [NaN, NaN] as const;

/** A statistic over the seeds of several arms; unknown until each of them has a run. */
export function overSeeds(
  name: string,
  groups: readonly (readonly number[])[],
  statistic: (groups: readonly (readonly number[])[]) => number,
  { predicted, window, seed }: Pick<Estimate, 'predicted' | 'window'> & { readonly seed: number },
): Estimate {
  const found = groups.some(({ length }) => length === 0) ? { value: NaN, interval: unknown } : bootstrap(groups, statistic, seed);
  return { name, ...found, predicted, window };
}

/** The median loss of an arm's runs over the steps at which they were all evaluated. */
export function lossCurve(figure: string, arm: Arm, runs: readonly RunResult[], seed: number): Curve {
  const all = runsOf(arm, runs).map((run) => column(run.series('trainLoss')));
  const steps = (all[0]?.steps ?? []).filter((step) => all.every((one) => one.steps.includes(step)));
  return {
    figure,
    title: arm.title,
    x: 'step',
    y: 'training loss',
    log: { y: true },
    points: steps.map((x) => {
      const values = all.map((one) => one.values[one.steps.indexOf(x)]!);
      const { value: y, interval } = bootstrap([values], ([drawn]) => median(drawn!), seed);
      return { x, y, interval, predicted: null };
    }),
  };
}
