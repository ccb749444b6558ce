/** @file Squared mean gradient over the variance of the samples’ gradients, on the probe batch. */
import type { Metric } from '../define.ts';
import { gradientNoise, ofGradients } from './sampleArithmetic.ts';

export const gradSignalToNoise: Metric = {
  card: {
    name: 'gradSignalToNoise',
    title: 'Signal-to-noise of the gradient',
    formula: '\\|\\bar g^\\ell\\|^2/\\operatorname{tr}\\Sigma_\\ell',
    about: 'Squared mean gradient over the variance of the samples’ gradients, on the probe batch.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  samples: ofGradients((products) => {
    const { square, trace } = gradientNoise(products);
    return square / trace;
  }),
};
