/** @file Standard error of each share over the random probes. Eigenvalues between two Ritz values count where those are: this is not in it. */
import type { Metric } from '../define.ts';

export const hessianDensityError: Metric = {
  card: {
    name: 'hessianDensityError',
    title: 'Standard error of the spectral density',
    formula: '\\mathrm{se}',
    about:
      'Standard error of each share over the random probes. Eigenvalues between two Ritz values count where those are: this is not in it.',
    source: 'definition',
  },
  fields: {},
  axes: ['bin'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'density',
};
