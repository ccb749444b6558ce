/** @file Plain stochastic gradient descent: one batch, one step against its gradient. */
import type { Optimizer } from '../define.ts';
import { learningRate } from './learningRates.ts';

export const sgd: Optimizer = {
  card: {
    name: 'sgd',
    title: 'SGD',
    formula: 'w \\leftarrow w - \\eta\\, g',
    about: 'Plain stochastic gradient descent: one batch, one step against its gradient.',
    source: 'Robbins and Monro 1951',
  },
  fields: { learningRate: learningRate(0.1) },
  slots: [],
  fullBatch: false,
  update: (g, { gradient, learningRate: eta }) => ({ change: g.mul(gradient, g.neg(eta)), slots: {} }),
};
