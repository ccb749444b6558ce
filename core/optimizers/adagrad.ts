/** @file Divides by the root of all squared gradients so far, coordinate by coordinate. */
import type { Optimizer } from '../define.ts';
import { learningRate } from './learningRates.ts';

export const adagrad: Optimizer = {
  card: {
    name: 'adagrad',
    title: 'Adagrad',
    formula: 'v \\leftarrow v + g^2,\\quad w \\leftarrow w - \\eta\\, g/(\\sqrt v + \\epsilon)',
    about: 'Divides by the root of all squared gradients so far: steps only ever become smaller.',
    source: 'Duchi, Hazan and Singer 2011',
  },
  fields: {
    learningRate: learningRate(0.01),
    epsilon: { type: 'number', title: 'Epsilon', symbol: '\\epsilon', min: 0, max: 1, default: 1e-10, log: true, exclusiveMin: true },
  },
  slots: ['square'],
  slotPowers: { square: 2 },
  gradientPower: 0,
  update(g, { gradient, learningRate: eta, slot, inUnits }, { epsilon }) {
    const v = g.add(slot('square'), g.square(gradient));
    return { change: g.mul(g.div(gradient, g.add(g.sqrt(v), inUnits(epsilon as number))), g.neg(eta)), slots: { square: v } };
  },
};
