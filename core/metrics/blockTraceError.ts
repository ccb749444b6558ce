/** @file Standard error of the layers’ traces over the random probes. */
import type { Metric } from '../define.ts';

export const blockTraceError: Metric = {
  card: {
    name: 'blockTraceError',
    title: 'Standard error of each block’s trace',
    formula: '\\mathrm{se}(\\mathrm{tr}\\,H_{\\ell\\ell})',
    about: 'Standard error of the layers’ traces over the random probes.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'trace',
};
