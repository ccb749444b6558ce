/** @file Half a cosine from the full learning rate to a fraction of it. */
import type { Schedule } from '../define.ts';
import { ramp, warmupSteps } from './warmUp.ts';

export const cosine: Schedule = {
  card: {
    name: 'cosine',
    title: 'Cosine',
    formula: '\\eta_t = \\eta\\,(r + (1-r)\\tfrac{1 + \\cos(\\pi t/S)}{2})',
    about: 'Falls along half a cosine over the S steps of the run, to the fraction r.',
    source: 'Loshchilov and Hutter 2017',
  },
  fields: { final: { type: 'number', title: 'Final fraction', symbol: 'r', min: 0, max: 1, default: 0 }, warmupSteps },
  factor(t, steps, options) {
    const final = options.final as number;
    return ramp(t, options) * (final + ((1 - final) * (1 + Math.cos((Math.PI * t) / Math.max(steps, 1)))) / 2);
  },
};
