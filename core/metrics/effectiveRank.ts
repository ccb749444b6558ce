/** @file Exponential of the entropy of the singular values of each layer’s kernel. */
import type { Metric } from '../define.ts';
import { entropyRank, perLayer } from './moments.ts';

export const effectiveRank: Metric = {
  card: {
    name: 'effectiveRank',
    title: 'Effective rank',
    formula: '\\exp\\bigl(-\\textstyle\\sum_i p_i\\log p_i\\bigr),\\ p_i=\\sigma_i/\\sum_j\\sigma_j',
    about: 'Exponential of the entropy of the singular values of each layer’s kernel.',
    source: 'Roy and Vetterli 2007',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'linear',
  weights: perLayer(({ singularValues }) => entropyRank(singularValues())),
};
