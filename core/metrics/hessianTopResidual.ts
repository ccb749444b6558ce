/** @file An eigenvalue of the Hessian lies within the residual of each value. */
import type { Metric } from '../define.ts';

export const hessianTopResidual: Metric = {
  card: {
    name: 'hessianTopResidual',
    title: 'Residuals of the largest eigenvalues',
    formula: '\\|H v_i - \\lambda_i v_i\\|',
    about: 'An eigenvalue of the Hessian lies within the residual of each value.',
    source: 'Parlett 1998',
  },
  fields: {},
  axes: ['eigenvalue'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
};
