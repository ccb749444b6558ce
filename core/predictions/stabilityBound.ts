/** @file Above this curvature a step of the optimizer moves away from a minimum instead of towards it. */
import type { Prediction, Schedule } from '../define.ts';
import { schedules } from '../schedules/index.ts';
import { stabilityBound as bound } from '../theory/equilibrium.ts';
import { unmet } from './assumptions.ts';

const optimizers: Readonly<Record<string, 'gradientDescent' | 'momentum' | 'nesterov'>> = {
  gradientDescent: 'gradientDescent',
  sgd: 'gradientDescent',
  momentum: 'momentum',
  nesterov: 'nesterov',
};

export const stabilityBound: Prediction = {
  card: {
    name: 'stabilityBound',
    title: 'Edge of stability',
    formula:
      '\\lambda_1 = \\frac2\\eta,\\qquad \\frac{2(1+\\mu)}{\\eta}\\ \\text{(heavy ball)},\\qquad \\frac{2(1+\\mu)}{\\eta(1+2\\mu)}\\ \\text{(Nesterov)}',
    about:
      'Full-batch descent lets the largest eigenvalue rise to this line and hovers there; noise of small batches keeps it below. Follows the schedule.',
    source: 'Cohen, Kaur, Li, Kolter and Talwalkar 2021',
  },
  fields: {},
  metric: 'hessianTop',
  symbol: 'stable below',
  when: 'always',
  unmet: ({ spec: { optimizer } }) =>
    unmet(optimizer.kind in optimizers ? null : `needs gradient descent, SGD, momentum or Nesterov, the optimizer is ${optimizer.kind}`),
  expect({ spec: { optimizer, schedule, steps, curvature } }, step) {
    const rate =
      Number(optimizer.learningRate) *
      (schedules as Readonly<Record<string, Schedule>>)[schedule.kind]!.factor(Math.min(step, steps - 1), steps, schedule);
    const value = bound(optimizers[optimizer.kind]!, rate, Number(optimizer.momentum ?? 0));
    return { value: Array.from({ length: curvature.topK }, (_, k) => (k === 0 ? value : NaN)) };
  },
};
