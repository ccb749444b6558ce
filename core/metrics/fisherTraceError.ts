/** @file Standard error of the trace of the empirical Fisher matrix over the random probes. */
import type { Metric } from '../define.ts';

export const fisherTraceError: Metric = {
  card: {
    name: 'fisherTraceError',
    title: 'Standard error of the empirical Fisher trace',
    formula: '\\mathrm{se}(\\mathrm{tr}\\,F)',
    about: 'Standard error of the trace of the empirical Fisher matrix over the random probes.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'fisher',
};
