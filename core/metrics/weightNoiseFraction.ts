/** @file Share of each kernel that the probe batch’s inputs of the layer do not reach. */
import type { Metric } from '../define.ts';
import { norm, perLayer } from './moments.ts';

export const weightNoiseFraction: Metric = {
  card: {
    name: 'weightNoiseFraction',
    title: 'Share of weight noise',
    formula: '\\|(I-P)W_\\ell\\|_F^2/\\|W_\\ell\\|_F^2',
    about:
      'Share of each kernel that the probe batch’s inputs of the layer do not reach: plain gradient descent never changes that part, weight decay removes it. The probe batch must be larger than the layer’s fan-in to say so. Inputs are centred in front of batch normalization.',
    source: 'Liu, Cui, Wan, Mao and Chan 2021',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  samples: perLayer(({ span, kernel }) => ((span()?.noise ?? NaN) / norm(kernel.values)) ** 2),
};
