/** @file Standard error of each share of the empirical Fisher matrix over the random probes. Eigenvalues between two Ritz values count where those are: this is not in it. */
import type { Metric } from '../define.ts';

export const fisherDensityError: Metric = {
  card: {
    name: 'fisherDensityError',
    title: 'Standard error of the spectral density of the empirical Fisher matrix',
    formula: '\\mathrm{se}',
    about:
      'Standard error of each share of the empirical Fisher matrix over the random probes. Eigenvalues between two Ritz values count where those are: this is not in it.',
    source: 'definition',
  },
  fields: {},
  axes: ['bin'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: ['fisher', 'density'],
};
