/** @file Odd and bounded by 1; saturates for large weights. */
import type { Activation } from '../define.ts';

export const tanh: Activation = {
  card: {
    name: 'tanh',
    title: 'tanh',
    formula: '\\tanh x',
    about: 'Odd and bounded by 1; saturates for large weights.',
    source: 'definition',
  },
  fields: {},
  apply: (g, x) => g.tanh(x),
  piecewiseLinear: false,
};
