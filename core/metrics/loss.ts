/** @file Loss of the batch at the weights before the update. */
import type { Metric } from '../define.ts';

export const loss: Metric = {
  card: {
    name: 'loss',
    title: 'Loss',
    formula: 'L(w_t)',
    about: 'Loss of the batch at the weights before the update.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'step',
  scale: 'log',
  step: { parts: ({ loss }) => [{ pieces: [{ values: loss }] }], finish: ([loss]) => loss! },
};
