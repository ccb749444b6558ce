/** @file Leaves out a random share of the units behind every activation, in training steps only. */
import type { Regularizer } from '../define.ts';
import { kernelsOnly } from './coefficients.ts';

export const dropout: Regularizer = {
  card: {
    name: 'dropout',
    title: 'Dropout',
    formula: 'x \\leftarrow x \\circ m/(1-p),\\quad m_i \\sim \\mathcal B(1-p)',
    about:
      'Off in evaluations and curvature. With a coefficient it decays the kernels as L2 does; the other regularizers have a share of their own to leave out.',
    source: 'Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014',
  },
  fields: {
    rate: { type: 'number', title: 'Share left out', symbol: 'p', min: 0, max: 0.95, default: 0.1 },
    coefficient: { type: 'number', title: 'Coefficient of decay', symbol: '\\lambda', min: 0, max: 100, default: 0 },
  },
  dropout: ({ rate }) => rate as number,
  gradient: (g, weights, gradient, options) =>
    (options.coefficient as number) > 0 ? g.add(gradient, g.mul(weights, options.coefficient as number)) : gradient,
  treatment: kernelsOnly,
};
