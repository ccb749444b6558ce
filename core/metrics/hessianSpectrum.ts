/** @file Every eigenvalue of the Hessian of a network of at most 2,000 parameters, from its columns. */
import type { Metric } from '../define.ts';

export const hessianSpectrum: Metric = {
  card: {
    name: 'hessianSpectrum',
    title: 'All eigenvalues of the Hessian',
    formula: '\\lambda_1 \\ge \\dots \\ge \\lambda_P',
    about: 'Every eigenvalue of the Hessian of a network of at most 2,000 parameters, from its columns.',
    source: 'definition',
  },
  fields: {},
  axes: ['eigenvalue'],
  cost: 'product',
  scale: 'symlog',
  procedure: 'curvature',
  instrument: 'exact',
};
