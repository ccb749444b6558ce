/** @file Standard error of the Frobenius norm of the empirical Fisher matrix over the random probes. */
import type { Metric } from '../define.ts';

export const fisherFrobeniusError: Metric = {
  card: {
    name: 'fisherFrobeniusError',
    title: 'Standard error of the Frobenius norm of the empirical Fisher matrix',
    formula: '\\mathrm{se}(\\lVert F\\rVert_F)',
    about: 'Standard error of the Frobenius norm of the empirical Fisher matrix over the random probes.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'fisher',
};
