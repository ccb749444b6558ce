/** @file Keeps the variance of activations and of gradients near one in linear and tanh networks. */
import type { Init } from '../define.ts';
import { distribution, drawWithVariance } from './distributions.ts';

export const glorot: Init = {
  card: {
    name: 'glorot',
    title: 'Glorot',
    formula: '\\operatorname{Var} w = 2/(n_{in} + n_{out})',
    about: 'Keeps the variance of activations and of gradients near one in linear and tanh networks.',
    source: 'Glorot and Bengio 2010',
  },
  fields: { distribution },
  draw: (rng, { shape, fanIn, fanOut }, options) => drawWithVariance(rng, shape, 2 / (fanIn + fanOut), options),
};
