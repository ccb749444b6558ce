/** @file What claims that train share: fields that keep a run to what the claim reads, runs sorted by arm, estimates while seeds are missing. */
import type { RunResult } from '../../results.ts';
import { mean } from '../../statistics.ts';
import { bootstrap, type Estimate } from '../claim.ts';

/** One thread of a CPU, and nothing measured but these step metrics and two evaluations, at the start and at the end. */
export const lean = (steps: number, step: readonly string[] = [], every = 1) => ({
  steps,
  metrics: { step, every, evaluationEvery: steps, weights: 'never', samples: 'never', gram: 'never' },
  curvature: { enabled: false },
  checkpointEvery: 10_000_000,
  runtime: { name: 'onnx', device: 'cpu', threads: 1 },
});

/** Seeds of a claim's runs: no two claim seeds share one. */
export const seedsFrom = (seed: number, count: number): number[] => Array.from({ length: count }, (_, i) => 100 * seed + i);

/** Runs that came to their end, by what tells their arm. */
export const byArm = (runs: readonly RunResult[], armOf: (run: RunResult) => string): ReadonlyMap<string, readonly RunResult[]> =>
  Map.groupBy(
    runs.filter(({ status }) => status === 'finished' || status === 'diverged'),
    armOf,
  );

/** The mean of values over seeds, its interval by resampling them; unknown while there are fewer than two. */
export function meanOver(
  name: string,
  values: readonly number[],
  predicted: number,
  window: readonly [number, number],
  seed: number,
): Estimate {
  if (values.length < 2 || values.some(Number.isNaN)) return { name, value: NaN, interval: [NaN, NaN], predicted, window };
  return { name, ...bootstrap([values], ([drawn]) => mean(drawn!), seed), predicted, window };
}
