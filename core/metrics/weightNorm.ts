/** @file Frobenius norm of each layer’s kernel. */
import type { Metric } from '../define.ts';

export const weightNorm: Metric = {
  card: {
    name: 'weightNorm',
    title: 'Weight norm',
    formula: '\\|W_\\ell\\|_F',
    about: 'Frobenius norm of each layer’s kernel.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'step',
  scale: 'log',
  step: { parts: ({ weightNorm }) => [weightNorm], finish: ([norm]) => norm! },
};
