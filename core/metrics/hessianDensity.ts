/** @file Share of the eigenvalues in fixed bins, 8 to a decade of magnitude on each side of zero, by stochastic Lanczos quadrature over random probes; what rounding cannot tell from 0 counts as 0. */
import type { Metric } from '../define.ts';

export const hessianDensity: Metric = {
  card: {
    name: 'hessianDensity',
    title: 'Spectral density of the Hessian',
    formula: '\\tfrac1P\\#\\{\\lambda_i \\in \\text{bin}\\}',
    about:
      'Share of the eigenvalues in fixed bins, 8 to a decade of magnitude on each side of zero, by stochastic Lanczos quadrature over random probes; what rounding cannot tell from 0 counts as 0.',
    source: 'Ghorbani, Krishnan and Xiao 2019',
  },
  fields: {},
  axes: ['bin'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'density',
};
