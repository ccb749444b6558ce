/** @file Frobenius norm of the gradient of each layer’s kernel, of the loss without regularizer. */
import type { Metric } from '../define.ts';

export const gradNorm: Metric = {
  card: {
    name: 'gradNorm',
    title: 'Gradient norm',
    formula: '\\|\\partial L/\\partial W_\\ell\\|_F',
    about: 'Frobenius norm of the gradient of each layer’s kernel, of the loss without regularizer.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'step',
  scale: 'log',
  step: { parts: ({ gradientNorm }) => [gradientNorm], finish: ([norm]) => norm! },
};
