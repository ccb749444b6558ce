/** @file x times the logistic function, also called swish; smooth, with a dip of -0.28 at -1.28. */
import type { Activation } from '../define.ts';

export const silu: Activation = {
  card: {
    name: 'silu',
    title: 'SiLU',
    formula: 'x\\,\\sigma(x)',
    about: 'x times the logistic function, also called swish; smooth, with a dip of -0.28 at -1.28.',
    source: 'Elfwing, Uchibe and Doya 2018',
  },
  fields: {},
  apply: (g, x) => g.mul(x, g.sigmoid(x)),
  piecewiseLinear: false,
};
