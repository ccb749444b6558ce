/** @file From the same probes as the trace of the whole: one probe serves every layer. */
import type { Metric } from '../define.ts';

export const blockTrace: Metric = {
  card: {
    name: 'blockTrace',
    title: 'Trace of each layer’s block',
    formula: '\\operatorname{tr} H_{\\ell\\ell}',
    about: 'From the same probes as the trace of the whole: one probe serves every layer.',
    source: 'Hutchinson 1990',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'symlog',
  procedure: 'curvature',
  instrument: 'trace',
};
