/** @file Norm of the part of each kernel that the probe batch’s inputs of the layer do not reach. */
import type { Metric } from '../define.ts';
import { perLayer } from './moments.ts';

export const weightNoiseNorm: Metric = {
  card: {
    name: 'weightNoiseNorm',
    title: 'Norm of the weight noise',
    formula: '\\|(I-P)W_\\ell\\|_F',
    about: 'Norm of the part of each kernel that the probe batch’s inputs of the layer do not reach.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  samples: perLayer(({ span }) => span()?.noise ?? NaN),
};
