/** @file Exponential of the entropy of the singular values of what training has added to each kernel. */
import type { Metric } from '../define.ts';
import { entropyRank, perLayer } from './moments.ts';

export const changeEffectiveRank: Metric = {
  card: {
    name: 'changeEffectiveRank',
    title: 'Effective rank of the change',
    formula: '\\exp\\bigl(-\\textstyle\\sum_i p_i\\log p_i\\bigr),\\ p_i=\\sigma_i/\\sum_j\\sigma_j',
    about:
      'Exponential of the entropy of the singular values of what training has added to each kernel. Not a number at step 0, where nothing has changed.',
    source: 'Roy and Vetterli 2007',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'linear',
  since: 'initial',
  weights: perLayer(({ changeSingularValues }) => entropyRank(changeSingularValues())),
};
