/** @file Largest eigenvalue of the tangent kernel on the probe batch. */
import type { Metric } from '../define.ts';

export const gramLargest: Metric = {
  card: {
    name: 'gramLargest',
    title: 'Largest eigenvalue of the Gram matrix',
    formula: '\\lambda_{max}(G)',
    about: 'Largest eigenvalue of the tangent kernel on the probe batch.',
    source: 'Panigrahi, Shetty and Goyal 2020',
  },
  fields: {},
  axes: [],
  cost: 'gram',
  scale: 'log',
  gram: ({ values }) => Float64Array.of(values()[0]!),
};
