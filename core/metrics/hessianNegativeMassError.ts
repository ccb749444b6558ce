/** @file Standard error of the negative curvature over the random probes. */
import type { Metric } from '../define.ts';

export const hessianNegativeMassError: Metric = {
  card: {
    name: 'hessianNegativeMassError',
    title: 'Standard error of the negative curvature',
    formula: '\\mathrm{se}',
    about: 'Standard error of the negative curvature over the random probes.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'density',
};
