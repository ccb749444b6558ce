/** @file By the same factor in every step. */
import type { Schedule } from '../define.ts';
import { ramp, warmupSteps } from './warmUp.ts';

export const exponential: Schedule = {
  card: {
    name: 'exponential',
    title: 'Exponential',
    formula: '\\eta_t = \\eta\\, r^{t/S}',
    about: 'Falls by the same factor in every step, to the fraction r at the end.',
    source: 'definition',
  },
  fields: {
    final: { type: 'number', title: 'Final fraction', symbol: 'r', min: 0, max: 1, default: 0.01, log: true, exclusiveMin: true },
    warmupSteps,
  },
  factor(t, steps, options) {
    return ramp(t, options) * (options.final as number) ** (t / Math.max(steps, 1));
  },
};
