/** @file Above this curvature a step of the optimizer moves away from a minimum instead of towards it. */
import type { Prediction, Schedule } from '../define.ts';
import { schedules } from '../schedules/index.ts';
import type { Spec } from '../spec.ts';
import { descents, stabilityBound as bound } from '../theory/equilibrium.ts';
import { hasOneRate, unmet } from './assumptions.ts';

const symbols = { gradientDescent: '2/η', sgd: '2/η', momentum: '2(1+μ)/η', nesterov: '2(1+μ)/(η(1+2μ))' } as const;

const kindOf = ({ kind }: Spec['optimizer']) => descents.find((name) => name === kind);

export const stabilityBound: Prediction = {
  card: {
    name: 'stabilityBound',
    title: 'Edge of stability',
    formula:
      '\\lambda_1 = \\frac2\\eta,\\qquad \\frac{2(1+\\mu)}{\\eta}\\ \\text{(heavy ball)},\\qquad \\frac{2(1+\\mu)}{\\eta(1+2\\mu)}\\ \\text{(Nesterov)}',
    about:
      'Full-batch descent lets the largest eigenvalue rise to this line and hovers there; noise of small batches keeps it below. Follows the schedule; coupled decay lowers it by at most its coefficient.',
    source: 'Cohen, Kaur, Li, Kolter and Talwalkar 2021',
  },
  fields: {},
  metric: 'hessianTop',
  symbol: 'stable below',
  when: 'always',
  unmet: (plan) => {
    const { kind } = plan.spec.optimizer;
    const descends = kindOf(plan.spec.optimizer) ? null : `needs gradient descent, SGD, momentum or Nesterov, the optimizer is ${kind}`;
    return unmet(descends, hasOneRate(plan));
  },
  expect({ spec }, step) {
    const { value } = stabilityOf(spec, step)!;
    return { value: Array.from({ length: spec.curvature.topK }, (_, k) => (k === 0 ? value : NaN)) };
  },
};

/** The bound at a step of the schedule, with its symbol; null where none is known. */
export function stabilityOf(spec: Spec, step: number): { readonly value: number; readonly symbol: string } | null {
  const { optimizer, schedule, steps } = spec;
  const kind = kindOf(optimizer);
  if (!kind || hasOneRate({ spec })) return null;
  const factor = (schedules as Readonly<Record<string, Schedule>>)[schedule.kind]!.factor(Math.min(step, steps - 1), steps, schedule);
  return { value: bound(kind, Number(optimizer.learningRate) * factor, Number(optimizer.momentum ?? 0)), symbol: symbols[kind] };
}
