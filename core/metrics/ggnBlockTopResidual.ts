/** @file An eigenvalue of the block of the Gauss-Newton matrix lies within the residual of each value. */
import type { Metric } from '../define.ts';

export const ggnBlockTopResidual: Metric = {
  card: {
    name: 'ggnBlockTopResidual',
    title: 'Residuals of the block eigenvalues of the Gauss-Newton matrix',
    formula: '\\|G_{\\ell\\ell} v - \\lambda v\\|',
    about: 'An eigenvalue of the block of the Gauss-Newton matrix lies within the residual of each value.',
    source: 'Parlett 1998',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: ['gaussNewton', 'blocks'],
};
