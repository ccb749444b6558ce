/** @file Mean over random sign probes on the curvature batch. */
import type { Metric } from '../define.ts';

export const hessianTrace: Metric = {
  card: {
    name: 'hessianTrace',
    title: 'Trace of the Hessian',
    formula: '\\operatorname{tr} H = E\\, z^\\top H z',
    about: 'Mean over random sign probes on the curvature batch.',
    source: 'Hutchinson 1990',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'symlog',
  procedure: 'curvature',
  instrument: 'trace',
};
