/** @file Squared Frobenius over squared spectral norm of each layer’s kernel. */
import type { Metric } from '../define.ts';
import { perLayer, stable } from './moments.ts';

export const stableRank: Metric = {
  card: {
    name: 'stableRank',
    title: 'Stable rank',
    formula: '\\|W_\\ell\\|_F^2/\\sigma_1(W_\\ell)^2',
    about: 'Squared Frobenius over squared spectral norm of each layer’s kernel.',
    source: 'Rudelson and Vershynin 2007',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'linear',
  weights: perLayer(({ singularValues }) => stable(singularValues())),
};
