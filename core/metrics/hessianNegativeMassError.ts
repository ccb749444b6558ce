/** @file Standard error of the share of negative eigenvalues over the random probes. */
import type { Metric } from '../define.ts';

export const hessianNegativeMassError: Metric = {
  card: {
    name: 'hessianNegativeMassError',
    title: 'Standard error of the negative share',
    formula: '\\mathrm{se}',
    about: 'Standard error of the share of negative eigenvalues over the random probes.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'density',
};
