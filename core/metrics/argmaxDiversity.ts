/** @file Number of different units that are a layer’s largest for some sample of the probe batch. */
import type { Metric } from '../define.ts';
import { perLayer } from './moments.ts';
import { samplesOf } from './sampleArithmetic.ts';

export const argmaxDiversity: Metric = {
  card: {
    name: 'argmaxDiversity',
    title: 'Diversity of the largest unit',
    formula: '\\#\\{\\arg\\max_j x_{bj}^\\ell\\}',
    about: 'Number of different units that are a layer’s largest for some sample of the probe batch: 1 where one unit leads for all.',
    source: 'Hajjar, Chizat and Giraud 2021',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  samples: perLayer(({ activation }) =>
    activation.values.some(Number.isNaN) ? NaN : new Set(samplesOf(activation).map((x) => x.indexOf(Math.max(...x)))).size,
  ),
};
