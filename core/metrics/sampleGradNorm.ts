/** @file Mean over the probe batch of the norm of each sample’s own gradient, kernel and bias of the layer together. */
import type { Metric } from '../define.ts';
import { mean } from '../statistics.ts';
import { ofGradients } from './sampleArithmetic.ts';

export const sampleGradNorm: Metric = {
  card: {
    name: 'sampleGradNorm',
    title: 'Gradient norm of single samples',
    formula: '\\overline{\\|g_b^\\ell\\|}',
    about: 'Mean over the probe batch of the norm of each sample’s own gradient, kernel and bias of the layer together.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  samples: ofGradients((products) => {
    const n = Math.sqrt(products.length);
    return mean(Array.from({ length: n }, (_, b) => Math.sqrt(products[b * (n + 1)]!)));
  }),
};
