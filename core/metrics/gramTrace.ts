/** @file Sum of the squared gradients of the outputs over the probe batch. */
import type { Metric } from '../define.ts';

export const gramTrace: Metric = {
  card: {
    name: 'gramTrace',
    title: 'Trace of the Gram matrix',
    formula: '\\operatorname{tr}G=\\textstyle\\sum_b\\|\\nabla f(x_b)\\|^2',
    about: 'Sum of the squared gradients of the outputs over the probe batch.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'gram',
  scale: 'log',
  gram: ({ gram, samples }) => Float64Array.of(gram.reduce((sum, value, at) => (at % (samples + 1) === 0 ? sum + value : sum), 0)),
};
