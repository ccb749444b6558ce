/** @file The same learning rate at every step. */
import type { Schedule } from '../define.ts';
import { ramp, warmupSteps } from './warmUp.ts';

export const constant: Schedule = {
  card: {
    name: 'constant',
    title: 'Constant',
    formula: '\\eta_t = \\eta',
    about: 'The same learning rate at every step, after the warm-up.',
    source: 'definition',
  },
  fields: { warmupSteps },
  factor: (t, _, options) => ramp(t, options),
};
