/** @file As one over the root of the steps. */
import type { Schedule } from '../define.ts';
import { ramp, warmupSteps } from './warmUp.ts';

export const inverseSquareRoot: Schedule = {
  card: {
    name: 'inverseSquareRoot',
    title: 'Inverse square root',
    formula: '\\eta_t = \\eta/\\sqrt{1 + t/\\tau}',
    about: 'Falls as one over the root of the steps, without knowing the last one.',
    source: 'Vaswani et al. 2017',
  },
  fields: {
    scale: { type: 'integer', title: 'Time scale', symbol: '\\tau', unit: 'steps', min: 1, max: 10_000_000, default: 100 },
    warmupSteps,
  },
  factor(t, _, options) {
    return ramp(t, options) / Math.sqrt(1 + t / (options.scale as number));
  },
};
