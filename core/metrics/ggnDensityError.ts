/** @file Standard error of each share of the Gauss-Newton matrix over the random probes. Eigenvalues between two Ritz values count where those are: this is not in it. */
import type { Metric } from '../define.ts';

export const ggnDensityError: Metric = {
  card: {
    name: 'ggnDensityError',
    title: 'Standard error of the spectral density of the Gauss-Newton matrix',
    formula: '\\mathrm{se}',
    about:
      'Standard error of each share of the Gauss-Newton matrix over the random probes. Eigenvalues between two Ritz values count where those are: this is not in it.',
    source: 'definition',
  },
  fields: {},
  axes: ['bin'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: ['gaussNewton', 'density'],
};
