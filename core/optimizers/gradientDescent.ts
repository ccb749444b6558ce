/** @file Every step uses the whole training set; the batch size plays no part. */
import type { Optimizer } from '../define.ts';
import { learningRate } from './learningRates.ts';

export const gradientDescent: Optimizer = {
  card: {
    name: 'gradientDescent',
    title: 'Gradient descent',
    formula: 'w \\leftarrow w - \\eta \\nabla L(w)',
    about: 'Every step uses the whole training set; the batch size plays no part.',
    source: 'Cauchy 1847',
  },
  fields: { learningRate: learningRate(0.1) },
  slots: [],
  fullBatch: true,
  update: (g, { gradient, learningRate: eta }) => ({ change: g.mul(gradient, g.neg(eta)), slots: {} }),
};
