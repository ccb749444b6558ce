/** @file Standard error of the layers’ traces of the Gauss-Newton matrix over the random probes. */
import type { Metric } from '../define.ts';

export const ggnBlockTraceError: Metric = {
  card: {
    name: 'ggnBlockTraceError',
    title: 'Standard error of each block’s trace of the Gauss-Newton matrix',
    formula: '\\mathrm{se}(\\mathrm{tr}\\,G_{\\ell\\ell})',
    about: 'Standard error of the layers’ traces of the Gauss-Newton matrix over the random probes.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'gaussNewton',
};
