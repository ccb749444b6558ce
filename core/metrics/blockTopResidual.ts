/** @file An eigenvalue of the block lies within the residual of each value. */
import type { Metric } from '../define.ts';

export const blockTopResidual: Metric = {
  card: {
    name: 'blockTopResidual',
    title: 'Residuals of the block eigenvalues',
    formula: '\\|H_{\\ell\\ell} v - \\lambda v\\|',
    about: 'An eigenvalue of the block lies within the residual of each value.',
    source: 'Parlett 1998',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'blocks',
};
