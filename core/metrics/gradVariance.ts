/** @file Trace of the covariance of the samples’ gradients in each layer, unbiased; a batch of B has 1/B of it as noise. */
import type { Metric } from '../define.ts';
import { gradientNoise, ofGradients } from './sampleArithmetic.ts';

export const gradVariance: Metric = {
  card: {
    name: 'gradVariance',
    title: 'Variance of the gradient',
    formula: '\\operatorname{tr}\\Sigma_\\ell,\\ \\Sigma_\\ell=\\operatorname{Cov}_b(g_b^\\ell)',
    about: 'Trace of the covariance of the samples’ gradients in each layer, unbiased; a batch of B has 1/B of it as noise.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  samples: ofGradients((products) => gradientNoise(products).trace),
};
