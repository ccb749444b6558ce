/** @file Adam with bias correction. */
import type { Optimizer } from '../define.ts';
import { learningRate } from './learningRates.ts';

export const adam: Optimizer = {
  card: {
    name: 'adam',
    title: 'Adam',
    formula:
      'm \\leftarrow \\beta_1 m + (1-\\beta_1) g,\\ v \\leftarrow \\beta_2 v + (1-\\beta_2) g^2,\\quad w \\leftarrow w - \\eta\\, \\hat m/(\\sqrt{\\hat v} + \\epsilon),\\quad \\hat m = m/(1-\\beta_1^t),\\ \\hat v = v/(1-\\beta_2^t)',
    about: 'The step is about η in every coordinate, whatever the size of the gradient.',
    source: 'Kingma and Ba 2015',
  },
  fields: {
    learningRate: learningRate(0.001),
    beta1: { type: 'number', title: 'First moment decay', symbol: '\\beta_1', min: 0, max: 0.9999, default: 0.9 },
    beta2: { type: 'number', title: 'Second moment decay', symbol: '\\beta_2', min: 0, max: 0.999999, default: 0.999 },
    epsilon: { type: 'number', title: 'Epsilon', symbol: '\\epsilon', min: 0, max: 1, default: 1e-8, log: true, exclusiveMin: true },
  },
  slots: ['momentum', 'square'],
  slotPowers: { square: 2 },
  gradientPower: 0,
  scalars: (step, { beta1, beta2 }) => ({
    first: 1 / (1 - (beta1 as number) ** step),
    second: 1 / Math.sqrt(1 - (beta2 as number) ** step),
  }),
  update(g, { gradient, learningRate: eta, slot, scalar, inUnits }, options) {
    const { beta1, beta2, epsilon } = options as unknown as Record<string, number>;
    const m = g.add(g.mul(slot('momentum'), beta1!), g.mul(gradient, 1 - beta1!));
    const v = g.add(g.mul(slot('square'), beta2!), g.mul(g.square(gradient), 1 - beta2!));
    const denominator = g.add(g.mul(g.sqrt(v), scalar('second')), inUnits(epsilon!));
    return { change: g.mul(g.div(m, denominator), g.neg(g.mul(eta, scalar('first')))), slots: { momentum: m, square: v } };
  },
};
