/** @file Largest eigenvalues of the second moment of the examples’ gradients, taken at the given labels; not the Fisher matrix of the model, whose targets the model itself draws. */
import type { Metric } from '../define.ts';

export const fisherTop: Metric = {
  card: {
    name: 'fisherTop',
    title: 'Largest eigenvalues of the empirical Fisher matrix',
    formula: '\\lambda_1(\\tfrac1B\\sum_n g_n g_n^\\top)',
    about:
      'Largest eigenvalues of the second moment of the examples’ gradients, taken at the given labels; not the Fisher matrix of the model, whose targets the model itself draws.',
    source: 'Kunstner, Balles and Hennig 2019',
  },
  fields: {},
  axes: ['eigenvalue'],
  cost: 'product',
  scale: 'symlog',
  procedure: 'curvature',
  instrument: 'fisher',
};
