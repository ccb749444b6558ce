/** @file Along a straight line from the full learning rate to a fraction of it. */
import type { Schedule } from '../define.ts';
import { ramp, warmupSteps } from './warmUp.ts';

export const linear: Schedule = {
  card: {
    name: 'linear',
    title: 'Linear',
    formula: '\\eta_t = \\eta\\,(1 - (1-r)\\, t/S)',
    about: 'Falls along a straight line over the S steps of the run, to the fraction r.',
    source: 'definition',
  },
  fields: { final: { type: 'number', title: 'Final fraction', symbol: 'r', min: 0, max: 1, default: 0 }, warmupSteps },
  factor(t, steps, options) {
    const final = options.final as number;
    return ramp(t, options) * (1 - ((1 - final) * t) / Math.max(steps, 1));
  },
};
