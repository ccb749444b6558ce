/** @file Largest singular value of what training has added to each kernel. */
import type { Metric } from '../define.ts';
import { perLayer } from './moments.ts';

export const changeSpectralNorm: Metric = {
  card: {
    name: 'changeSpectralNorm',
    title: 'Spectral norm of the change',
    formula: '\\sigma_1(W_\\ell(t)-W_\\ell(0))',
    about: 'Largest singular value of what training has added to each kernel.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'log',
  since: 'initial',
  weights: perLayer(({ changeSingularValues }) => changeSingularValues()[0]!),
};
