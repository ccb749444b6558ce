/** @file Largest singular value of what the steps since the last measurement have added to each kernel. */
import type { Metric } from '../define.ts';
import { ofUpdate, perLayer } from './moments.ts';

export const updateSpectralNorm: Metric = {
  card: {
    name: 'updateSpectralNorm',
    title: 'Spectral norm of the updates',
    formula: '\\sigma_1(W_\\ell(t)-W_\\ell(t^\\prime))',
    about:
      'Largest singular value of what the steps since the last measurement have added to each kernel. Not a number at the first measurement.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'log',
  since: 'snapshot',
  weights: perLayer(({ updateSingularValues }) => ofUpdate(updateSingularValues(), (values) => values[0]!)),
};
