/** @file As a power of the share of steps that is left. */
import type { Schedule } from '../define.ts';
import { ramp, warmupSteps } from './warmUp.ts';

export const polynomial: Schedule = {
  card: {
    name: 'polynomial',
    title: 'Polynomial',
    formula: '\\eta_t = \\eta\\,(r + (1-r)(1 - t/S)^p)',
    about: 'Falls as a power of the share of steps that is left, to the fraction r.',
    source: 'definition',
  },
  fields: {
    final: { type: 'number', title: 'Final fraction', symbol: 'r', min: 0, max: 1, default: 0 },
    power: { type: 'number', title: 'Power', symbol: 'p', min: 0, max: 20, default: 2 },
    warmupSteps,
  },
  factor(t, steps, options) {
    const { final, power } = options as unknown as Record<'final' | 'power', number>;
    return ramp(t, options) * (final + (1 - final) * (1 - t / Math.max(steps, 1)) ** power);
  },
};
