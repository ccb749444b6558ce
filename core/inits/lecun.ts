/** @file Keeps the mean square of activations constant in linear networks; the law of the weights in the residual scaling experiments. */
import type { Init } from '../define.ts';
import { distribution, drawWithVariance } from './distributions.ts';

export const lecun: Init = {
  card: {
    name: 'lecun',
    title: 'LeCun',
    formula: '\\operatorname{Var} w = 1/n_{in}',
    about: 'Keeps the mean square of activations constant in linear networks; the law of the weights in the residual scaling experiments.',
    source: 'LeCun, Bottou, Orr and Müller 1998',
  },
  fields: { distribution },
  draw: (rng, { shape, fanIn }, options) => drawWithVariance(rng, shape, 1 / fanIn, options),
};
