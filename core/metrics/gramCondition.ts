/** @file Ratio of the tangent kernel’s ends. */
import type { Metric } from '../define.ts';

export const gramCondition: Metric = {
  card: {
    name: 'gramCondition',
    title: 'Condition of the Gram matrix',
    formula: '\\lambda_{max}(G)/\\lambda_{min}(G)',
    about:
      'Ratio of the tangent kernel’s ends: the number of steps that gradient descent needs. Infinite where the kernel is singular to rounding.',
    source: 'Panigrahi, Shetty and Goyal 2020',
  },
  fields: {},
  axes: [],
  cost: 'gram',
  scale: 'log',
  gram: ({ values }) => Float64Array.of(values()[0]! / values().at(-1)!),
};
