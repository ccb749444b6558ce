/** @file Norm of the learned shift behind each normalized layer; not a number for the others. */
import type { Metric } from '../define.ts';
import { norm, perLayer } from './moments.ts';

export const normalizationShiftNorm: Metric = {
  card: {
    name: 'normalizationShiftNorm',
    title: 'Norm of the normalization’s shift',
    formula: '\\|\\beta_\\ell\\|',
    about: 'Norm of the learned shift behind each normalized layer; not a number for the others.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'log',
  absent: 'nothing is shifted behind a normalization',
  applies: ({ network: { parameters } }) => parameters.some(({ role }) => role === 'shift'),
  weights: perLayer(({ others: { shift } }) => (shift ? norm(shift) : NaN)),
};
