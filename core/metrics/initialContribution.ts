/** @file Mean size of what the initial kernel makes of the layer’s present inputs, over probe batch and units. */
import type { Metric } from '../define.ts';
import { perLayer } from './moments.ts';
import { meanSize } from './sampleArithmetic.ts';

export const initialContribution: Metric = {
  card: {
    name: 'initialContribution',
    title: 'Contribution of the initial weights',
    formula: '\\overline{|x^{\\ell-1} W_\\ell(0)|}',
    about: 'Mean size of what the initial kernel makes of the layer’s present inputs, over probe batch and units.',
    source: 'Hajjar, Chizat and Giraud 2021',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  since: 'initial',
  samples: perLayer(({ input, initial }) => (input ? meanSize(input, initial) : NaN)),
};
