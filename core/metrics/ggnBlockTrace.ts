/** @file Sum of the eigenvalues of each layer’s block, from the same probes as the trace of the whole Gauss-Newton matrix. */
import type { Metric } from '../define.ts';

export const ggnBlockTrace: Metric = {
  card: {
    name: 'ggnBlockTrace',
    title: 'Trace of each layer’s block of the Gauss-Newton matrix',
    formula: '\\operatorname{tr} G_{\\ell\\ell}',
    about: 'Sum of the eigenvalues of each layer’s block, from the same probes as the trace of the whole Gauss-Newton matrix.',
    source: 'Hutchinson 1990',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'gaussNewton',
};
