/** @file A learning rate that falls by a factor every so many steps. */
import type { Schedule } from '../define.ts';
import { ramp, warmupSteps } from './warmUp.ts';

export const step: Schedule = {
  card: {
    name: 'step',
    title: 'Step',
    formula: '\\eta_t = \\eta\\,\\gamma^{\\lfloor t/T \\rfloor}',
    about: 'Falls by a factor every T steps.',
    source: 'definition',
  },
  fields: {
    factor: { type: 'number', title: 'Factor', symbol: '\\gamma', min: 0, max: 1, default: 0.1, exclusiveMin: true },
    every: { type: 'integer', title: 'Period', symbol: 'T', unit: 'steps', min: 1, max: 10_000_000, default: 1000 },
    warmupSteps,
  },
  factor: (t, _, options) => ramp(t, options) * (options.factor as number) ** Math.floor(t / (options.every as number)),
};
