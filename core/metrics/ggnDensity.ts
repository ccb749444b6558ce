/** @file Share of the eigenvalues in fixed bins, 8 to a decade of magnitude, by stochastic Lanczos quadrature over random probes; what rounding cannot tell from 0 counts as 0. No eigenvalue is negative: what the Hessian has below zero is left out. */
import type { Metric } from '../define.ts';

export const ggnDensity: Metric = {
  card: {
    name: 'ggnDensity',
    title: 'Spectral density of the Gauss-Newton matrix',
    formula: '\\tfrac1P\\#\\{\\lambda_i \\in \\text{bin}\\}',
    about:
      'Share of the eigenvalues in fixed bins, 8 to a decade of magnitude, by stochastic Lanczos quadrature over random probes; what rounding cannot tell from 0 counts as 0. No eigenvalue is negative: what the Hessian has below zero is left out.',
    source: 'Ghorbani, Krishnan and Xiao 2019',
  },
  fields: {},
  axes: ['bin'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: ['gaussNewton', 'density'],
};
