/** @file Largest eigenvalues of the Fisher matrix itself: second moment of the examples’ gradients, over targets that the model draws. */
import type { Metric } from '../define.ts';

export const modelFisherTop: Metric = {
  card: {
    name: 'modelFisherTop',
    title: 'Largest eigenvalues of the model’s Fisher matrix',
    formula: '\\lambda_1(\\tfrac1B\\sum_n \\mathbb E_{y\\sim p(\\cdot|x_n)}\\, g_n(y)\\, g_n(y)^\\top)',
    about:
      'Largest eigenvalues of the Fisher matrix itself: second moment of the examples’ gradients, over targets that the model draws. For these losses it is the Gauss-Newton matrix in exact arithmetic; the empirical one takes the given targets instead.',
    source: 'Martens 2020',
  },
  fields: {},
  axes: ['eigenvalue'],
  cost: 'product',
  scale: 'symlog',
  procedure: 'curvature',
  absent: 'the loss is no negative logarithm of a probability',
  instrument: 'fisher',
  applies: ({ loss }) => loss.information !== undefined,
};
