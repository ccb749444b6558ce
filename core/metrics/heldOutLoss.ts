/** @file Loss over the whole held-out set. */
import type { Metric } from '../define.ts';

export const heldOutLoss: Metric = {
  card: {
    name: 'heldOutLoss',
    title: 'Held-out loss',
    formula: 'L_{\\mathrm{held\\,out}}(w_t)',
    about: 'Loss over the whole held-out set.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'pass',
  scale: 'log',
  procedure: 'evaluation',
};
