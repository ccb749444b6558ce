/** @file Sum of the magnitudes of all negative eigenvalues, from the spectral density: 0 for a convex loss; the trace is what the positive ones have more. */
import type { Metric } from '../define.ts';

export const hessianNegativeMass: Metric = {
  card: {
    name: 'hessianNegativeMass',
    title: 'Negative curvature',
    formula: '\\sum_{\\lambda_i < 0} |\\lambda_i|',
    about:
      'Sum of the magnitudes of all negative eigenvalues, from the spectral density: 0 for a convex loss; the trace is what the positive ones have more.',
    source: 'Ghorbani, Krishnan and Xiao 2019',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'density',
};
