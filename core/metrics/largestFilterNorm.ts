/** @file Largest norm among the columns of each kernel, the weights into one unit. */
import type { Metric } from '../define.ts';
import { filterNorms, perLayer } from './moments.ts';

export const largestFilterNorm: Metric = {
  card: {
    name: 'largestFilterNorm',
    title: 'Largest filter norm',
    formula: '\\max_j\\|w_{\\ell j}\\|',
    about: 'Largest norm among the columns of each kernel, the weights into one unit.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'log',
  weights: perLayer(({ kernel }) => Math.max(...filterNorms(kernel))),
};
