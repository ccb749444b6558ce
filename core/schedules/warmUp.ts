/** @file The linear ramp that every schedule may begin with. */
import type { Field, Options } from '../define.ts';

export const warmupSteps: Field = {
  type: 'integer',
  title: 'Warm-up',
  unit: 'steps',
  min: 0,
  max: 10_000_000,
  default: 0,
  about: 'The learning rate rises linearly from nothing to its full value over this many steps.',
};

/** (t + 1)/(warmup + 1) during the warm-up, 1 after it. */
export const ramp = (t: number, options: Options): number => Math.min(1, (t + 1) / ((options.warmupSteps as number) + 1));
