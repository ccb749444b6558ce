/** @file Number of directions in which the inputs of each kernel vary over the probe batch; centred in front of batch normalization. */
import type { Metric } from '../define.ts';
import { perLayer } from './moments.ts';

export const featureSpanRank: Metric = {
  card: {
    name: 'featureSpanRank',
    title: 'Rank of the layer’s inputs',
    formula: '\\#\\{i : \\sigma_i(A_\\ell) > 10^{-6}\\sigma_1\\}',
    about: 'Number of directions in which the inputs of each kernel vary over the probe batch; centred in front of batch normalization.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'linear',
  samples: perLayer(({ span }) => span()?.rank ?? NaN),
};
