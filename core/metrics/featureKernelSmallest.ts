/** @file Smallest eigenvalue of the kernel of what leaves each layer, on the probe batch. */
import type { Metric } from '../define.ts';
import { perLayer } from './moments.ts';

export const featureKernelSmallest: Metric = {
  card: {
    name: 'featureKernelSmallest',
    title: 'Smallest eigenvalue of the feature kernel',
    formula: '\\lambda_{min}(X_\\ell X_\\ell^\\top/n_\\ell)',
    about: 'Smallest eigenvalue of the kernel of what leaves each layer, on the probe batch: above 0 a readout could fit any targets.',
    source: 'Du, Lee, Li, Wang and Zhai 2019',
  },
  fields: {},
  axes: ['layer'],
  cost: 'gram',
  scale: 'log',
  gram: perLayer(({ featureValues }) => featureValues().at(-1)!),
};
