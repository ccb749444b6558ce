/** @file Squared expected gradient over the variance of the samples’ gradients. */
import type { Metric } from '../define.ts';
import { gradientNoise, ofGradients } from './sampleArithmetic.ts';

export const gradSignalToNoise: Metric = {
  card: {
    name: 'gradSignalToNoise',
    title: 'Signal-to-noise of the gradient',
    formula: '\\bigl(\\|\\bar g^\\ell\\|^2-\\tfrac1B\\operatorname{tr}\\Sigma_\\ell\\bigr)/\\operatorname{tr}\\Sigma_\\ell',
    about:
      'Squared expected gradient over the variance of the samples’ gradients, without bias from the B samples of the probe batch; 0 where they are too few to tell the gradient from noise.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  samples: ofGradients((products) => {
    const { square, trace } = gradientNoise(products);
    return (trace > 0 ? Math.max(square, 0) : square) / trace;
  }),
};
