/** @file Fourth moment of each kernel’s entries over the square of their second: 1 for signs, 1.8 for a uniform law, 3 for a Gaussian. */
import type { Metric } from '../define.ts';
import { mean } from '../statistics.ts';
import { norm, perLayer } from './moments.ts';

export const weightKurtosis: Metric = {
  card: {
    name: 'weightKurtosis',
    title: 'Kurtosis of the weights',
    formula: '\\overline{w^4}/(\\overline{w^2})^2',
    about: 'Fourth moment of each kernel’s entries over the square of their second: 1 for signs, 1.8 for a uniform law, 3 for a Gaussian.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'linear',
  weights: perLayer(({ kernel }) => {
    const size = norm(kernel.values) / Math.sqrt(kernel.values.length);
    return mean(kernel.values.map((value) => (value / size) ** 4));
  }),
};
