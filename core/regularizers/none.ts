/** @file No regularizer. */
import type { Regularizer } from '../define.ts';

export const none: Regularizer = {
  card: {
    name: 'none',
    title: 'None',
    formula: '0',
    about: 'The loss alone. Weights in front of a normalization can only grow under plain SGD.',
    source: 'definition',
  },
  fields: {},
  treatment: () => null,
};
