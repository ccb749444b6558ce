/** @file The linear ramp that every schedule may begin with. */
import type { Field, Options } from '../define.ts';

export const warmupSteps: Field = {
  type: 'integer',
  title: 'Warm-up',
  symbol: 'w',
  unit: 'steps',
  min: 0,
  max: 10_000_000,
  default: 0,
  about: 'In the first w steps the schedule’s rate is multiplied by (t + 1)/(w + 1).',
};

/** (t + 1)/(warmup + 1) during the warm-up, 1 after it. */
export const ramp = (t: number, options: Options): number => Math.min(1, (t + 1) / ((options.warmupSteps as number) + 1));
