/** @file Runs of a trained claim that differ in their seed alone, taken together: an arm. */
import { column, type RunResult } from '../results.ts';
import { median } from '../statistics.ts';
import { bootstrap, type Curve, type Estimate } from './claim.ts';

type Input = Readonly<Record<string, unknown>>;

/** The first seed of a measurement's own; so that measurements of other seeds share no run. */
export const seedsOf = (seed: number, count: number): number[] => Array.from({ length: count }, (_, i) => 1000 * seed + i);
export const repeated = (arms: readonly Input[], seed: number, count: number): Input[] =>
  arms.flatMap((arm) => seedsOf(seed, count).map((each) => ({ ...arm, seed: each })));

/** One thread of ONNX Runtime, so that every machine of a kind finds the same numbers; no instruments but those asked for. */
export const trainedAlone = {
  curvature: { enabled: false },
  runtime: { name: 'onnx', device: 'cpu', precision: 'float32', threads: 1 },
} as const;
export const instruments = { evaluationEvery: 100_000, weights: 'never', samples: 'never' } as const;

const ended = ({ status }: RunResult): boolean => status === 'finished' || status === 'diverged';

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
  const values = arms.map((runs) => runs.filter(ended).map(of));
  if (arms.length === 0 || values.some(({ length }) => length === 0)) return { value: NaN, interval: [NaN, NaN] };
  if (arms.some((runs) => runs.length < 2 || !runs.every(ended))) return { value: statistic(values), interval: [NaN, NaN] };
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
