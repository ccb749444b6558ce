/** @file The error function: like tanh, with Gaussian averages in closed form. */
import type { Activation } from '../define.ts';

export const erf: Activation = {
  card: {
    name: 'erf',
    title: 'erf',
    formula: '\\operatorname{erf}(x)',
    about: 'The error function: like tanh, with Gaussian averages in closed form.',
    source: 'definition',
  },
  fields: {},
  apply: (g, x) => g.erf(x),
  piecewiseLinear: false,
};
