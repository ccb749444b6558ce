/** @file Between 0 and 1, so activations have a mean of their own; gradients shrink by at least 4 a layer. */
import type { Activation } from '../define.ts';

export const sigmoid: Activation = {
  card: {
    name: 'sigmoid',
    title: 'Sigmoid',
    formula: '1/(1 + e^{-x})',
    about: 'Between 0 and 1, so activations have a mean of their own; gradients shrink by at least 4 a layer.',
    source: 'definition',
  },
  fields: {},
  apply: (g, x) => g.sigmoid(x),
  piecewiseLinear: false,
};
