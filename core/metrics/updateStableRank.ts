/** @file Squared Frobenius over squared spectral norm of what the steps since the last measurement have added to each kernel. */
import type { Metric } from '../define.ts';
import { ofUpdate, perLayer, stable } from './moments.ts';

export const updateStableRank: Metric = {
  card: {
    name: 'updateStableRank',
    title: 'Stable rank of the updates',
    formula: '\\|U_\\ell\\|_F^2/\\sigma_1(U_\\ell)^2,\\quad U_\\ell=W_\\ell(t)-W_\\ell(t^\\prime)',
    about:
      'Squared Frobenius over squared spectral norm of what the steps since the last measurement have added to each kernel. Not a number at the first measurement, and where nothing has moved.',
    source: 'Rudelson and Vershynin 2007',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'linear',
  since: 'snapshot',
  weights: perLayer(({ updateSingularValues }) => ofUpdate(updateSingularValues(), stable)),
};
