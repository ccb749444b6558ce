/** @file An eigenvalue of the empirical Fisher matrix lies within this distance of the value shown. */
import type { Metric } from '../define.ts';

export const fisherTopResidual: Metric = {
  card: {
    name: 'fisherTopResidual',
    title: 'Residual of the empirical Fisher eigenvalues',
    formula: '\\lVert Fv - \\lambda v\\rVert',
    about: 'An eigenvalue of the empirical Fisher matrix lies within this distance of the value shown.',
    source: 'Parlett 1998',
  },
  fields: {},
  axes: ['eigenvalue'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'fisher',
};
