/** @file From the spread of the probes. */
import type { Metric } from '../define.ts';

export const hessianTraceError: Metric = {
  card: {
    name: 'hessianTraceError',
    title: 'Standard error of the trace',
    formula: '\\operatorname{SE}(z^\\top H z)',
    about: 'From the spread of the probes.',
    source: 'Hutchinson 1990',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'trace',
};
