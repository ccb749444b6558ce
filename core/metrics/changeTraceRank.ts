/** @file How many equal singular values would spread as wide as those of what training has added to each kernel. */
import type { Metric } from '../define.ts';
import { participation, perLayer } from './moments.ts';

export const changeTraceRank: Metric = {
  card: {
    name: 'changeTraceRank',
    title: 'Trace rank of the change',
    formula: '(\\textstyle\\sum_i\\sigma_i)^2/\\sum_i\\sigma_i^2',
    about:
      'How many equal singular values would spread as wide as those of what training has added to each kernel. Not a number at step 0, where nothing has changed.',
    source: 'Hajjar, Chizat and Giraud 2021',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'linear',
  since: 'initial',
  weights: perLayer(({ changeSingularValues }) => participation(changeSingularValues())),
};
