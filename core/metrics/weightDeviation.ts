/** @file Standard deviation of the entries of each layer’s kernel. */
import type { Metric } from '../define.ts';
import { mean } from '../statistics.ts';
import { norm, perLayer } from './moments.ts';

export const weightDeviation: Metric = {
  card: {
    name: 'weightDeviation',
    title: 'Deviation of the weights',
    formula: '\\sqrt{\\overline{(w-\\bar w)^2}}',
    about: 'Standard deviation of the entries of each layer’s kernel.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'log',
  weights: perLayer(({ kernel }) => {
    const middle = mean(kernel.values);
    return norm(kernel.values.map((value) => value - middle)) / Math.sqrt(kernel.values.length);
  }),
};
