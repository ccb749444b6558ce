/** @file ELU scaled so that mean 0 and variance 1 are a stable fixed point of deep networks with lecun weights. */
import type { Activation } from '../define.ts';
import { exponentialBelow } from '../graph/compose.ts';

export const selu: Activation = {
  card: {
    name: 'selu',
    title: 'SELU',
    formula: '\\lambda x\\ (x > 0),\\quad \\lambda\\alpha (e^x - 1)\\ (x \\le 0)',
    about: 'ELU scaled so that mean 0 and variance 1 are a stable fixed point of deep networks with lecun weights.',
    source: 'Klambauer, Unterthiner, Mayr and Hochreiter 2017',
  },
  fields: {},
  apply: (g, x) => g.mul(exponentialBelow(g, x, 1.6732632423543772), 1.0507009873554805),
  piecewiseLinear: false,
};
