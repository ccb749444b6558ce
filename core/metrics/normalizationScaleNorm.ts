/** @file Norm of each layer’s learned scales together; not a number for the others. */
import type { Metric } from '../define.ts';
import { norm, perLayer } from './moments.ts';

export const normalizationScaleNorm: Metric = {
  card: {
    name: 'normalizationScaleNorm',
    title: 'Norm of the learned scales',
    formula: '\\|\\gamma_\\ell\\|',
    about:
      'Norm of each layer’s learned scales together: behind its normalizations, and the gate or factor of its branch; not a number for the others.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'log',
  absent: 'no layer has a learned scale',
  applies: ({ network: { parameters } }) => parameters.some(({ role }) => role === 'scale'),
  weights: perLayer(({ others: { scale } }) => (scale ? norm(scale) : NaN)),
};
