/** @file Largest eigenvalue of the diagonal block of the Hessian that belongs to each layer (kernel, bias and normalization together). */
import type { Metric } from '../define.ts';

export const blockTop: Metric = {
  card: {
    name: 'blockTop',
    title: 'Largest eigenvalue of each layer’s block',
    formula: '\\lambda_1(H_{\\ell\\ell})',
    about: 'Largest eigenvalue of the diagonal block of the Hessian that belongs to each layer (kernel, bias and normalization together).',
    source: 'Skorski, Temperoni and Theobald 2020',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'symlog',
  procedure: 'curvature',
  instrument: 'blocks',
};
