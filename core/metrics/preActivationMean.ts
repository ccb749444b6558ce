/** @file Mean over probe batch and units of what goes into each activation, before any normalization. */
import type { Metric } from '../define.ts';
import { mean } from '../statistics.ts';
import { perLayer } from './moments.ts';

export const preActivationMean: Metric = {
  card: {
    name: 'preActivationMean',
    title: 'Mean pre-activation',
    formula: '\\bar h_\\ell',
    about: 'Mean over probe batch and units of what goes into each activation, before any normalization.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'symlog',
  samples: perLayer(({ preActivation }) => mean(preActivation.values)),
};
