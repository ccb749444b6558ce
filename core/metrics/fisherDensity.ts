/** @file Share of the eigenvalues in fixed bins, 8 to a decade of magnitude, by stochastic Lanczos quadrature over random probes; what rounding cannot tell from 0 counts as 0. At most as many eigenvalues as examples are above zero. */
import type { Metric } from '../define.ts';

export const fisherDensity: Metric = {
  card: {
    name: 'fisherDensity',
    title: 'Spectral density of the empirical Fisher matrix',
    formula: '\\tfrac1P\\#\\{\\lambda_i \\in \\text{bin}\\}',
    about:
      'Share of the eigenvalues in fixed bins, 8 to a decade of magnitude, by stochastic Lanczos quadrature over random probes; what rounding cannot tell from 0 counts as 0. At most as many eigenvalues as examples are above zero.',
    source: 'Ghorbani, Krishnan and Xiao 2019',
  },
  fields: {},
  axes: ['bin'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: ['fisher', 'density'],
};
