/** @file Root mean square over the probe batch of the derivative of each sample’s loss by what its layer’s kernel puts out. */
import type { Metric } from '../define.ts';
import { norm, perLayer } from './moments.ts';

export const deltaNorm: Metric = {
  card: {
    name: 'deltaNorm',
    title: 'Back-propagated derivative',
    formula: '\\bigl(\\overline{\\|\\partial \\ell_b/\\partial h_b^\\ell\\|^2}\\bigr)^{1/2}',
    about: 'Root mean square over the probe batch of the derivative of each sample’s loss by what its layer’s kernel puts out.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  samples: perLayer(({ delta }) => (delta ? norm(delta.values) / Math.sqrt(delta.samples) : NaN)),
};
