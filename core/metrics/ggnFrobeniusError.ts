/** @file Standard error of the Frobenius norm of the Gauss-Newton matrix over the random probes. */
import type { Metric } from '../define.ts';

export const ggnFrobeniusError: Metric = {
  card: {
    name: 'ggnFrobeniusError',
    title: 'Standard error of the Frobenius norm of the Gauss-Newton matrix',
    formula: '\\mathrm{se}(\\lVert G\\rVert_F)',
    about: 'Standard error of the Frobenius norm of the Gauss-Newton matrix over the random probes.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'gaussNewton',
};
