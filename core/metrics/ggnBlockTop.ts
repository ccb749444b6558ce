/** @file For one layer (kernel, bias and normalization together) the largest eigenvalue of the Hessian without the second derivatives of the network; the Hessian’s own where the outputs are made of linear pieces in the weights of each layer. */
import type { Metric } from '../define.ts';

export const ggnBlockTop: Metric = {
  card: {
    name: 'ggnBlockTop',
    title: 'Largest eigenvalue of each layer’s block of the Gauss-Newton matrix',
    formula: '\\lambda_1(G_{\\ell\\ell})',
    about:
      'For one layer (kernel, bias and normalization together) the largest eigenvalue of the Hessian without the second derivatives of the network; the Hessian’s own where the outputs are made of linear pieces in the weights of each layer.',
    source: 'Botev, Ritter and Barber 2017',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: ['gaussNewton', 'blocks'],
};
