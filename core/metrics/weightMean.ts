/** @file Mean of the entries of each layer’s kernel. */
import type { Metric } from '../define.ts';
import { mean } from '../statistics.ts';
import { perLayer } from './moments.ts';

export const weightMean: Metric = {
  card: {
    name: 'weightMean',
    title: 'Mean weight',
    formula: '\\bar w_\\ell',
    about: 'Mean of the entries of each layer’s kernel.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'symlog',
  weights: perLayer(({ kernel }) => mean(kernel.values)),
};
