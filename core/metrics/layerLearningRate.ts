/** @file The rate at which each kernel is trained, where the parameterization gives every layer its own. */
import type { Metric } from '../define.ts';

export const layerLearningRate: Metric = {
  card: {
    name: 'layerLearningRate',
    title: 'Learning rate per layer',
    formula: '\\eta_\\ell = \\eta_t\\, m^{-(c_\\ell + 2 a_\\ell)}',
    about:
      'Of the weights in the forward pass, after schedule, parameterization (m^-(c + a) for Adam and its kin, m^-c for Newton’s) and learning-rate scaling; in calibrated steps the base rate found takes the place of η. Not recorded where all layers share one.',
    source: 'Yang and Hu 2021',
  },
  fields: {},
  axes: ['layer'],
  cost: 'step',
  scale: 'log',
  absent: 'every layer has the same learning rate',
  step: { parts: ({ layerLearningRate: rates }) => rates && [rates], finish: ([rates]) => rates! },
};
