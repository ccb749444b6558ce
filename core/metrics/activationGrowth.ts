/** @file Mean over the probe batch of the log of each sample’s squared activation against its input, per unit. */
import type { Metric } from '../define.ts';
import { mean } from '../statistics.ts';
import { norm } from './moments.ts';
import { samplesOf } from './sampleArithmetic.ts';

export const activationGrowth: Metric = {
  card: {
    name: 'activationGrowth',
    title: 'Growth of the activations',
    formula: '\\overline{\\log(\\|x^\\ell\\|^2/n_\\ell)-\\log(\\|x^0\\|^2/n_0)}',
    about:
      'Mean over the probe batch of the log of each sample’s squared activation against its input, per unit. Its law in the depth is a straight line with spread growing as the root.',
    source: 'Hanin and Nica 2020; per unit is our choice',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'linear',
  samples: ({ layers, inputs }) => {
    const start = samplesOf(inputs).map((x) => Math.log(norm(x) / Math.sqrt(x.length)));
    return Float64Array.from(layers, ({ activation }) =>
      mean(samplesOf(activation).map((x, b) => 2 * (Math.log(norm(x) / Math.sqrt(x.length)) - start[b]!))),
    );
  },
};
