/** @file Up and down along straight lines, again and again. */
import type { Schedule } from '../define.ts';
import { ramp, warmupSteps } from './warmUp.ts';

export const cyclical: Schedule = {
  card: {
    name: 'cyclical',
    title: 'Cyclical',
    formula: '\\eta_t = \\eta\\,\\gamma^{\\lfloor t/K \\rfloor}\\bigl(r + (1-r)(1 - |2\\,(t \\bmod K)/K - 1|)\\bigr)',
    about:
      'Rises from the fraction r to the full rate and falls again in every period, along straight lines; each peak is γ times the last.',
    source: 'Smith 2017',
  },
  fields: {
    floor: { type: 'number', title: 'Lowest fraction', symbol: 'r', min: 0, max: 1, default: 0.1 },
    period: { type: 'integer', title: 'Period', symbol: 'K', unit: 'steps', min: 2, max: 10_000_000, default: 500 },
    damping: { type: 'number', title: 'Factor from peak to peak', symbol: '\\gamma', min: 0, max: 1, default: 1, exclusiveMin: true },
    warmupSteps,
  },
  factor(t, _, options) {
    const { floor, period, damping } = options as unknown as Record<'floor' | 'period' | 'damping', number>;
    const height = 1 - Math.abs((2 * (t % period)) / period - 1); // 0 at the ends of a period, 1 in its middle
    return ramp(t, options) * damping ** Math.floor(t / period) * (floor + (1 - floor) * height);
  },
};
