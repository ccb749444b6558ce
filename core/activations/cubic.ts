/** @file A polynomial of degree 3, odd; its Gram matrix on d-dimensional data has rank at most d + C(d+2, 3). */
import type { Activation } from '../define.ts';

export const cubic: Activation = {
  card: {
    name: 'cubic',
    title: 'Cubic',
    formula: 'x^3',
    about: 'A polynomial of degree 3, odd; its Gram matrix on d-dimensional data has rank at most d + C(d+2, 3).',
    source: 'Kileel, Trager and Bruna 2019',
  },
  fields: {},
  apply: (g, x) => g.mul(g.square(x), x),
  piecewiseLinear: false,
};
