/** @file Largest eigenvalue of the kernel of what leaves each layer, on the probe batch. */
import type { Metric } from '../define.ts';
import { perLayer } from './moments.ts';

export const featureKernelLargest: Metric = {
  card: {
    name: 'featureKernelLargest',
    title: 'Largest eigenvalue of the feature kernel',
    formula: '\\lambda_{max}(X_\\ell X_\\ell^\\top/n_\\ell)',
    about: 'Largest eigenvalue of the kernel of what leaves each layer, on the probe batch.',
    source: 'Du, Lee, Li, Wang and Zhai 2019',
  },
  fields: {},
  axes: ['layer'],
  cost: 'gram',
  scale: 'log',
  gram: perLayer(({ featureValues }) => featureValues()[0]!),
};
