/** @file Exponential of the entropy of the singular values of what the steps since the last measurement have added to each kernel. */
import type { Metric } from '../define.ts';
import { entropyRank, ofUpdate, perLayer } from './moments.ts';

export const updateEffectiveRank: Metric = {
  card: {
    name: 'updateEffectiveRank',
    title: 'Effective rank of the updates',
    formula: 'e^{-\\sum_i p_i\\log p_i},\\quad p_i=\\sigma_i/\\sum_j\\sigma_j',
    about:
      'Exponential of the entropy of the singular values of what the steps since the last measurement have added to each kernel. Not a number at the first measurement, and where nothing has moved.',
    source: 'Roy and Vetterli 2007',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'linear',
  since: 'snapshot',
  weights: perLayer(({ updateSingularValues }) => ofUpdate(updateSingularValues(), entropyRank)),
};
