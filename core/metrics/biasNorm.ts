/** @file Norm of each layer’s biases; not a number for a layer without. */
import type { Metric } from '../define.ts';
import { norm, perLayer } from './moments.ts';

export const biasNorm: Metric = {
  card: {
    name: 'biasNorm',
    title: 'Bias norm',
    formula: '\\|b_\\ell\\|',
    about: 'Norm of each layer’s biases; not a number for a layer without.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'log',
  absent: 'no layer has a bias',
  applies: ({ network: { parameters } }) => parameters.some(({ role }) => role === 'bias'),
  weights: perLayer(({ others: { bias } }) => (bias ? norm(bias) : NaN)),
};
