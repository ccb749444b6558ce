/** @file Median over the probe batch of each sample’s root mean square activation. */
import type { Metric } from '../define.ts';
import { median } from '../statistics.ts';
import { norm, perLayer } from './moments.ts';
import { samplesOf } from './sampleArithmetic.ts';

export const activationMedian: Metric = {
  card: {
    name: 'activationMedian',
    title: 'Median activation size',
    formula: '\\operatorname{median}_b \\|x_b^\\ell\\|/\\sqrt{n_\\ell}',
    about:
      'Median over the probe batch of each sample’s root mean square activation: what a typical sample sees, where a mean follows the largest.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  samples: perLayer(({ activation }) => median(samplesOf(activation).map((x) => norm(x) / Math.sqrt(x.length)))),
};
