/** @file Smallest (most negative) eigenvalue of the diagonal block of the Hessian that belongs to each layer. */
import type { Metric } from '../define.ts';

export const blockBottom: Metric = {
  card: {
    name: 'blockBottom',
    title: 'Smallest eigenvalue of each layer’s block',
    formula: '\\lambda_{\\min}(H_{\\ell\\ell})',
    about: 'Smallest (most negative) eigenvalue of the diagonal block of the Hessian that belongs to each layer.',
    source: 'Skorski, Temperoni and Theobald 2020',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'symlog',
  procedure: 'curvature',
  instrument: 'blocks',
};
