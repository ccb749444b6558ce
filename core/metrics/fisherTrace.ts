/** @file Mean squared norm of the examples’ gradients, estimated from random probes. */
import type { Metric } from '../define.ts';

export const fisherTrace: Metric = {
  card: {
    name: 'fisherTrace',
    title: 'Trace of the empirical Fisher matrix',
    formula: '\\tfrac1B\\sum_n \\lVert g_n\\rVert^2',
    about: 'Mean squared norm of the examples’ gradients, estimated from random probes.',
    source: 'Hutchinson 1990',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'fisher',
};
