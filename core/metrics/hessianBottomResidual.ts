/** @file An eigenvalue of the Hessian lies within the residual of the value. */
import type { Metric } from '../define.ts';

export const hessianBottomResidual: Metric = {
  card: {
    name: 'hessianBottomResidual',
    title: 'Residual of the smallest eigenvalue',
    formula: '\\|H v - \\lambda_{min} v\\|',
    about: 'An eigenvalue of the Hessian lies within the residual of the value.',
    source: 'Parlett 1998',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
};
