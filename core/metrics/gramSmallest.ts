/** @file Smallest eigenvalue of the tangent kernel on the probe batch. */
import type { Metric } from '../define.ts';

export const gramSmallest: Metric = {
  card: {
    name: 'gramSmallest',
    title: 'Smallest eigenvalue of the Gram matrix',
    formula: '\\lambda_{min}(G)',
    about:
      'Smallest eigenvalue of the tangent kernel on the probe batch: it bounds how slowly the loss can fall. 0 means singular to rounding.',
    source: 'Panigrahi, Shetty and Goyal 2020',
  },
  fields: {},
  axes: [],
  cost: 'gram',
  scale: 'log',
  gram: ({ values }) => Float64Array.of(values().at(-1)!),
};
