/** @file Norm of the learned scale behind each normalized layer; not a number for the others. */
import type { Metric } from '../define.ts';
import { norm, perLayer } from './moments.ts';

export const normalizationScaleNorm: Metric = {
  card: {
    name: 'normalizationScaleNorm',
    title: 'Norm of the normalization’s scale',
    formula: '\\|\\gamma_\\ell\\|',
    about: 'Norm of the learned scale behind each normalized layer; not a number for the others.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'log',
  absent: 'nothing is scaled behind a normalization',
  applies: ({ network: { parameters } }) => parameters.some(({ role }) => role === 'scale'),
  weights: perLayer(({ others: { scale } }) => (scale ? norm(scale) : NaN)),
};
