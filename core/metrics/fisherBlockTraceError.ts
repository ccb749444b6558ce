/** @file Standard error of the layers’ traces of the empirical Fisher matrix over the random probes. */
import type { Metric } from '../define.ts';

export const fisherBlockTraceError: Metric = {
  card: {
    name: 'fisherBlockTraceError',
    title: 'Standard error of each block’s trace of the empirical Fisher matrix',
    formula: '\\mathrm{se}(\\mathrm{tr}\\,F_{\\ell\\ell})',
    about: 'Standard error of the layers’ traces of the empirical Fisher matrix over the random probes.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'fisher',
};
