/** @file Squared sum of the singular values over the sum of their squares, of what the steps since the last measurement have added to each kernel. */
import type { Metric } from '../define.ts';
import { ofUpdate, participation, perLayer } from './moments.ts';

export const updateTraceRank: Metric = {
  card: {
    name: 'updateTraceRank',
    title: 'Trace rank of the updates',
    formula: '(\\sum_i\\sigma_i)^2/\\sum_i\\sigma_i^2,\\quad \\sigma_i=\\sigma_i(W_\\ell(t)-W_\\ell(t^\\prime))',
    about:
      'Squared sum of the singular values over the sum of their squares, of what the steps since the last measurement have added to each kernel. Not a number at the first measurement, and where nothing has moved.',
    source: 'Hajjar, Chizat and Giraud 2021',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'linear',
  since: 'snapshot',
  weights: perLayer(({ updateSingularValues }) => ofUpdate(updateSingularValues(), participation)),
};
