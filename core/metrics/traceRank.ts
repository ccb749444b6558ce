/** @file How many equal singular values would spread as wide as those of each layer’s kernel. */
import type { Metric } from '../define.ts';
import { participation, perLayer } from './moments.ts';

export const traceRank: Metric = {
  card: {
    name: 'traceRank',
    title: 'Trace rank',
    formula: '(\\textstyle\\sum_i\\sigma_i)^2/\\sum_i\\sigma_i^2',
    about: 'How many equal singular values would spread as wide as those of each layer’s kernel.',
    source: 'Hajjar, Chizat and Giraud 2021',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'linear',
  weights: perLayer(({ singularValues }) => participation(singularValues())),
};
