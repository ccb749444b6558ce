/** @file An eigenvalue of the block of the empirical Fisher matrix lies within the residual of each value. */
import type { Metric } from '../define.ts';

export const fisherBlockTopResidual: Metric = {
  card: {
    name: 'fisherBlockTopResidual',
    title: 'Residuals of the block eigenvalues of the empirical Fisher matrix',
    formula: '\\|F_{\\ell\\ell} v - \\lambda v\\|',
    about: 'An eigenvalue of the block of the empirical Fisher matrix lies within the residual of each value.',
    source: 'Parlett 1998',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: ['fisher', 'blocks'],
};
