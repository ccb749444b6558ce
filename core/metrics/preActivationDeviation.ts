/** @file Standard deviation over probe batch and units of what goes into each activation, before any normalization. */
import type { Metric } from '../define.ts';
import { mean } from '../statistics.ts';
import { norm, perLayer } from './moments.ts';

export const preActivationDeviation: Metric = {
  card: {
    name: 'preActivationDeviation',
    title: 'Deviation of the pre-activations',
    formula: '\\sqrt{\\overline{(h-\\bar h)^2}}',
    about: 'Standard deviation over probe batch and units of what goes into each activation, before any normalization.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  samples: perLayer(({ preActivation: { values } }) => {
    const middle = mean(values);
    return norm(values.map((value) => value - middle)) / Math.sqrt(values.length);
  }),
};
