/** @file Mean size of what training’s change of the kernel makes of the layer’s present inputs, over probe batch and units. */
import type { Metric } from '../define.ts';
import { perLayer } from './moments.ts';
import { meanSize } from './sampleArithmetic.ts';

export const updateContribution: Metric = {
  card: {
    name: 'updateContribution',
    title: 'Contribution of the updates',
    formula: '\\overline{|x^{\\ell-1}(W_\\ell(t)-W_\\ell(0))|}',
    about: 'Mean size of what training’s change of the kernel makes of the layer’s present inputs, over probe batch and units.',
    source: 'Hajjar, Chizat and Giraud 2021',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  since: 'initial',
  samples: perLayer(({ input, kernel, initial }) =>
    input ? meanSize(input, { ...kernel, values: kernel.values.map((value, i) => value - initial.values[i]!) }) : NaN,
  ),
};
