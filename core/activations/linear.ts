/** @file The identity: a deep linear network. */
import type { Activation } from '../define.ts';

export const linear: Activation = {
  card: { name: 'linear', title: 'Linear', formula: 'x', about: 'The identity: a deep linear network.', source: 'definition' },
  fields: {},
  apply: (_, x) => x,
  piecewiseLinear: true,
};
