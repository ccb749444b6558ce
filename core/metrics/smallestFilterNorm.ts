/** @file Smallest norm among the columns of each kernel, the weights into one unit. */
import type { Metric } from '../define.ts';
import { filterNorms, perLayer } from './moments.ts';

export const smallestFilterNorm: Metric = {
  card: {
    name: 'smallestFilterNorm',
    title: 'Smallest filter norm',
    formula: '\\min_j\\|w_{\\ell j}\\|',
    about: 'Smallest norm among the columns of each kernel, the weights into one unit.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'log',
  weights: perLayer(({ kernel }) => Math.min(...filterNorms(kernel))),
};
