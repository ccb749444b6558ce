/** @file Loss over the whole training set (or its first 10,000), as it is evaluated. */
import type { Metric } from '../define.ts';

export const trainLoss: Metric = {
  card: {
    name: 'trainLoss',
    title: 'Training loss',
    formula: 'L_{\\mathrm{train}}(w_t)',
    about: 'Loss over the whole training set (or its first 10,000), as it is evaluated.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'pass',
  scale: 'log',
  procedure: 'evaluation',
};
