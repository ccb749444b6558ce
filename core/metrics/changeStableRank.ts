/** @file Squared Frobenius over squared spectral norm of what training has added to each kernel. */
import type { Metric } from '../define.ts';
import { perLayer, stable } from './moments.ts';

export const changeStableRank: Metric = {
  card: {
    name: 'changeStableRank',
    title: 'Stable rank of the change',
    formula: '\\|\\Delta W_\\ell\\|_F^2/\\sigma_1(\\Delta W_\\ell)^2',
    about:
      'Squared Frobenius over squared spectral norm of what training has added to each kernel. Not a number at step 0, where nothing has changed.',
    source: 'Rudelson and Vershynin 2007',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'linear',
  since: 'initial',
  weights: perLayer(({ changeSingularValues }) => stable(changeSingularValues())),
};
