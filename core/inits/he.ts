/** @file Keeps the mean square of activations constant in ReLU networks. */
import type { Init } from '../define.ts';
import { distribution, drawWithVariance } from './distributions.ts';

export const he: Init = {
  card: {
    name: 'he',
    title: 'He',
    formula: '\\operatorname{Var} w = 2/n_{in}',
    about: 'Keeps the mean square of activations constant in ReLU networks.',
    source: 'He, Zhang, Ren and Sun 2015',
  },
  fields: { distribution },
  draw: (rng, { shape, fanIn }, options) => drawWithVariance(rng, shape, 2 / fanIn, options),
};
