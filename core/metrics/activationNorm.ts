/** @file Root mean square, over batch and units, of what leaves each layer. */
import type { Metric } from '../define.ts';

export const activationNorm: Metric = {
  card: {
    name: 'activationNorm',
    title: 'Activation size',
    formula: '\\|X_\\ell\\|_F/\\sqrt{B\\,n_\\ell}',
    about: 'Root mean square, over batch and units, of what leaves each layer, before dropout.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'step',
  scale: 'log',
  step: { parts: ({ activationRms }) => [activationRms], finish: ([rms]) => rms! },
};
