/** @file What claims that train share: specs that measure no more than they must, runs that differ in their seed alone taken together as arms, estimates over seeds. */
import { column, hasEnded, type RunResult } from '../results.ts';
import { mean, median } from '../statistics.ts';
import { bootstrap, type Curve, type Estimate } from './claim.ts';

type Input = Readonly<Record<string, unknown>>;

/** One thread of ONNX Runtime, so that every machine of a kind finds the same numbers; nothing measured but the loss over the training set. */
export const lean = {
  metrics: { step: [], evaluationEvery: 100, weights: 'never', samples: 'never', gram: 'never' },
  curvature: { enabled: false },
  checkpointEvery: 10_000_000,
  runtime: { name: 'onnx', device: 'cpu', threads: 1, precision: 'float32' },
} as const;
/** The same for so many steps, with these step metrics and two evaluations, at the start and at the end. */
export const leanOver = (steps: number, step: readonly string[] = [], every = 1) => ({
  ...lean,
  steps,
  metrics: { ...lean.metrics, step, every, evaluationEvery: steps },
});

/** Seeds of a measurement's own; `stride` apart from those of the next, so that measurements of other seeds share no run. */
export const seedsOf = (seed: number, count: number, stride = 1000): number[] => Array.from({ length: count }, (_, i) => stride * seed + i);
export const repeated = (specs: readonly Input[], seed: number, count: number): Input[] =>
  specs.flatMap((spec) => seedsOf(seed, count).map((each) => ({ ...spec, seed: each })));

/** One way to train, of several that a claim compares over the same seeds. */
export interface Arm {
  readonly title: string;
  readonly network: Input;
  readonly optimizer: Input;
}

const within = (all: object, some: object): boolean =>
  Object.entries(some).every(([key, value]) => (all as Record<string, unknown>)[key] === value);

/** The runs of an arm: those whose spec says what it says. */
export const runsOf = (arm: Arm, runs: readonly RunResult[]): RunResult[] =>
  runs.filter(({ spec }) => within(spec.network, arm.network) && within(spec.optimizer, arm.optimizer));

/** Every arm with every seed; seed by seed, so that a part of the runs already compares. */
export const armSpecs = (base: Input, arms: readonly Arm[], seed: number, count: number): Input[] =>
  seedsOf(seed, count).flatMap((each) => arms.map(({ network, optimizer }) => ({ ...lean, ...base, network, optimizer, seed: each })));

/** Runs that came to their end, by what tells their arm. */
export const byArm = (runs: readonly RunResult[], armOf: (run: RunResult) => string): ReadonlyMap<string, readonly RunResult[]> =>
  Map.groupBy(runs.filter(hasEnded), armOf);

/** Training losses at the end of runs that have ended; a run that diverged counts as one that learned nothing. */
export function finalLosses(runs: readonly RunResult[], chance: number): number[] {
  return runs.flatMap((run) => {
    if (run.status === 'diverged') return [chance];
    const { steps, values } = column(run.series('trainLoss'));
    return steps.at(-1) === run.spec.steps ? [values.at(-1)!] : [];
  });
}

const unknown = { value: NaN, interval: [NaN, NaN] } as const;

/** A statistic over the seeds of several arms; unknown until each of them has a run. */
export function estimateOver(
  name: string,
  groups: readonly (readonly number[])[],
  statistic: (groups: readonly (readonly number[])[]) => number,
  { predicted, window, seed }: Pick<Estimate, 'predicted' | 'window'> & { readonly seed: number },
): Estimate {
  return { name, ...(groups.some(({ length }) => length === 0) ? unknown : bootstrap(groups, statistic, seed)), predicted, window };
}

/** The mean of values over seeds; unknown while there are fewer than two, or where one is. */
export const meanOver = (
  name: string,
  values: readonly number[],
  predicted: number,
  window: readonly [number, number],
  seed: number,
): Estimate =>
  estimateOver(name, [values.length < 2 || values.some(Number.isNaN) ? [] : values], ([drawn]) => mean(drawn!), {
    predicted,
    window,
    seed,
  });

/**
 * Value and interval of a statistic over arms, the seeds of each drawn again by themselves. The value is that of the runs that have ended, NaN
 * where an arm has none; the interval is NaN as long as an arm has a run to come, or one alone.
 */
export function overSeeds(
  arms: readonly (readonly RunResult[])[],
  of: (run: RunResult) => number,
  statistic: (groups: readonly (readonly number[])[]) => number,
  seed: number,
): Pick<Estimate, 'value' | 'interval'> {
  const values = arms.map((runs) => runs.filter(hasEnded).map(of));
  if (arms.length === 0 || values.some(({ length }) => length === 0)) return unknown;
  if (arms.some((runs) => runs.length < 2 || !runs.every(hasEnded))) return { ...unknown, value: statistic(values) };
  return bootstrap(values, statistic, seed);
}

/** Medians over the runs of an arm of one value of a metric, at no more than about 40 of their steps. */
export function curveOfRuns(
  runs: readonly RunResult[],
  metric: string,
  words: Omit<Curve, 'points' | 'x'>,
  predicted: (step: number) => number | null = () => null,
): Curve {
  const columns = runs.map((run) => column(run.series(metric)));
  const steps = [...new Set(columns.flatMap(({ steps }) => steps))].sort((a, b) => a - b);
  const stride = Math.max(1, Math.round(steps.length / 40));
  const points = steps
    .filter((_, i) => i % stride === 0 || i === steps.length - 1)
    .map((step) => {
      const values = columns.flatMap(({ steps, values }) => (steps.includes(step) ? [values[steps.indexOf(step)]!] : []));
      return { x: step, y: median(values), predicted: predicted(step) };
    });
  return { ...words, x: 'step', points };
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
