/** @file A cosine that starts again and again. */
import type { Schedule } from '../define.ts';
import { ramp, warmupSteps } from './warmUp.ts';

export const restarts: Schedule = {
  card: {
    name: 'restarts',
    title: 'Warm restarts',
    formula: '\\eta_t = \\eta\\,\\bigl(r + (1-r)\\tfrac{1 + \\cos(\\pi\\,(t \\bmod K)/K)}{2}\\bigr)',
    about: 'A cosine that starts again every K steps: the cyclical schedule of SGLD, too.',
    source: 'Loshchilov and Hutter 2017',
  },
  fields: {
    final: { type: 'number', title: 'Final fraction', symbol: 'r', min: 0, max: 1, default: 0 },
    period: { type: 'integer', title: 'Period', symbol: 'K', unit: 'steps', min: 1, max: 10_000_000, default: 500 },
    warmupSteps,
  },
  factor(t, _, options) {
    const { final, period } = options as unknown as Record<'final' | 'period', number>;
    return ramp(t, options) * (final + ((1 - final) * (1 + Math.cos((Math.PI * (t % period)) / period))) / 2);
  },
};
