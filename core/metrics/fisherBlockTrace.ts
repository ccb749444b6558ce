/** @file Mean squared norm of each layer’s share of the examples’ gradients, from the same probes as the trace of the whole. */
import type { Metric } from '../define.ts';

export const fisherBlockTrace: Metric = {
  card: {
    name: 'fisherBlockTrace',
    title: 'Trace of each layer’s block of the empirical Fisher matrix',
    formula: '\\operatorname{tr} F_{\\ell\\ell}',
    about: 'Mean squared norm of each layer’s share of the examples’ gradients, from the same probes as the trace of the whole.',
    source: 'Hutchinson 1990',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'fisher',
};
