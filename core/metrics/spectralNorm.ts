/** @file Largest singular value of each layer’s kernel; a convolution’s as the matrix that meets its patches. */
import type { Metric } from '../define.ts';
import { perLayer } from './moments.ts';

export const spectralNorm: Metric = {
  card: {
    name: 'spectralNorm',
    title: 'Spectral norm',
    formula: '\\sigma_1(W_\\ell)',
    about: 'Largest singular value of each layer’s kernel; a convolution’s as the matrix that meets its patches.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'log',
  weights: perLayer(({ singularValues }) => singularValues()[0]!),
};
