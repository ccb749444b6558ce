/** @file Heavy ball: steps along an accumulated gradient. */
import type { Optimizer } from '../define.ts';
import { learningRate } from './learningRates.ts';

export const momentum: Optimizer = {
  card: {
    name: 'momentum',
    title: 'SGD with momentum',
    formula: 'u \\leftarrow \\mu u + g,\\quad w \\leftarrow w - \\eta u',
    about: 'Heavy ball, not dampened: the effective learning rate is η/(1 - μ).',
    source: 'Polyak 1964',
  },
  fields: {
    learningRate: learningRate(0.05),
    momentum: { type: 'number', title: 'Momentum', symbol: '\\mu', min: 0, max: 0.9999, default: 0.9 },
  },
  slots: ['momentum'],
  update(g, { gradient, learningRate: eta, slot }, options) {
    const u = g.add(g.mul(slot('momentum'), options.momentum as number), gradient);
    return { change: g.mul(u, g.neg(eta)), slots: { momentum: u } };
  },
};
