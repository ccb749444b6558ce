/** @file Standard error of the trace of the Gauss-Newton matrix over the random probes. */
import type { Metric } from '../define.ts';

export const ggnTraceError: Metric = {
  card: {
    name: 'ggnTraceError',
    title: 'Standard error of the Gauss-Newton trace',
    formula: '\\mathrm{se}(\\mathrm{tr}\\,G)',
    about: 'Standard error of the trace of the Gauss-Newton matrix over the random probes.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'gaussNewton',
};
