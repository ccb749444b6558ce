/** @file Smallest of the min(fanIn, fanOut) singular values of each layer’s kernel: 0 where a direction is lost. */
import type { Metric } from '../define.ts';
import { perLayer } from './moments.ts';

export const smallestSingularValue: Metric = {
  card: {
    name: 'smallestSingularValue',
    title: 'Smallest singular value',
    formula: '\\sigma_{min}(W_\\ell)',
    about: 'Smallest of the min(fanIn, fanOut) singular values of each layer’s kernel: 0 where a direction is lost.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'log',
  weights: perLayer(({ singularValues }) => singularValues().at(-1)!),
};
