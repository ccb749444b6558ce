/** @file Passes what is positive; its derivative at 0 is taken as 0. */
import type { Activation } from '../define.ts';

export const relu: Activation = {
  card: {
    name: 'relu',
    title: 'ReLU',
    formula: '\\max(x, 0)',
    about: 'Passes what is positive; its derivative at 0 is taken as 0.',
    source: 'Nair and Hinton 2010',
  },
  fields: {},
  apply: (g, x) => g.relu(x),
  piecewiseLinear: true,
  switchesOff: true,
};
