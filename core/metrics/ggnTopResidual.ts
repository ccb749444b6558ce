/** @file An eigenvalue of the Gauss-Newton matrix lies within this distance of the value shown. */
import type { Metric } from '../define.ts';

export const ggnTopResidual: Metric = {
  card: {
    name: 'ggnTopResidual',
    title: 'Residual of the Gauss-Newton eigenvalues',
    formula: '\\lVert Gv - \\lambda v\\rVert',
    about: 'An eigenvalue of the Gauss-Newton matrix lies within this distance of the value shown.',
    source: 'Parlett 1998',
  },
  fields: {},
  axes: ['eigenvalue'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'gaussNewton',
};
