/** @file Divides by a running root mean square of the gradient, coordinate by coordinate. */
import type { Optimizer } from '../define.ts';
import { learningRate } from './learningRates.ts';

export const rmsprop: Optimizer = {
  card: {
    name: 'rmsprop',
    title: 'RMSprop',
    formula: 'v \\leftarrow \\alpha v + (1-\\alpha) g^2,\\quad w \\leftarrow w - \\eta\\, g/(\\sqrt v + \\epsilon)',
    about:
      'The step is about η in every coordinate, so a vanishing gradient costs no time. No bias correction: the first steps are larger.',
    source: 'Tieleman and Hinton 2012',
  },
  fields: {
    learningRate: learningRate(0.001),
    decay: { type: 'number', title: 'Decay', symbol: '\\alpha', min: 0, max: 0.999999, default: 0.9 },
    epsilon: { type: 'number', title: 'Epsilon', symbol: '\\epsilon', min: 0, max: 1, default: 1e-8, log: true, exclusiveMin: true },
  },
  slots: ['square'],
  slotPowers: { square: 2 },
  gradientPower: 0,
  update(g, { gradient, learningRate: eta, slot, inUnits }, options) {
    const { decay, epsilon } = options as unknown as Record<'decay' | 'epsilon', number>;
    const v = g.add(g.mul(slot('square'), decay), g.mul(g.square(gradient), 1 - decay));
    return { change: g.mul(g.div(gradient, g.add(g.sqrt(v), inUnits(epsilon))), g.neg(eta)), slots: { square: v } };
  },
};
