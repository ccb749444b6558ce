/** @file x times the normal distribution function, in its exact form. */
import type { Activation } from '../define.ts';
import { gelu as composed } from '../graph/compose.ts';

export const gelu: Activation = {
  card: {
    name: 'gelu',
    title: 'GELU',
    formula: 'x\\,\\Phi(x)',
    about: 'x times the normal distribution function, in its exact form.',
    source: 'Hendrycks and Gimpel 2016',
  },
  fields: {},
  apply: composed,
  piecewiseLinear: false,
};
