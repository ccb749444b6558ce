/** @file Up along a cosine, then down along one. */
import type { Schedule } from '../define.ts';
import { ramp, warmupSteps } from './warmUp.ts';

export const oneCycle: Schedule = {
  card: {
    name: 'oneCycle',
    title: 'One cycle',
    formula:
      '\\eta_t = \\eta\\,\\bigl(s + (1-s)\\tfrac{1 - \\cos(\\pi t/\\rho S)}{2}\\bigr)\\ (t < \\rho S),\\quad \\eta\\,\\bigl(r + (1-r)\\tfrac{1 + \\cos(\\pi (t - \\rho S)/(S - \\rho S))}{2}\\bigr)',
    about: 'Rises along a cosine over the first share ρ of the run’s S steps, then falls along one to the fraction r.',
    source: 'Smith and Topin 2018',
  },
  fields: {
    final: { type: 'number', title: 'Final fraction', symbol: 'r', min: 0, max: 1, default: 0 },
    rise: { type: 'number', title: 'Share that rises', symbol: '\\rho', min: 0.01, max: 0.99, default: 0.3 },
    start: { type: 'number', title: 'First fraction', symbol: 's', min: 0, max: 1, default: 0.04 },
    warmupSteps,
  },
  factor(t, steps, options) {
    const { final, rise, start } = options as unknown as Record<'final' | 'rise' | 'start', number>;
    const top = rise * Math.max(steps, 1);
    const between = (from: number, to: number, share: number) => to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
    const factor = t < top ? between(start, 1, t / top) : between(1, final, Math.min(1, (t - top) / Math.max(steps - top, 1)));
    return ramp(t, options) * factor;
  },
};
