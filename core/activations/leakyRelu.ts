/** @file ReLU that lets a share of what is negative through, so that no unit is ever dead. */
import type { Activation } from '../define.ts';

export const leakyRelu: Activation = {
  card: {
    name: 'leakyRelu',
    title: 'Leaky ReLU',
    formula: '\\max(x, 0) + s \\min(x, 0)',
    about:
      'ReLU that lets a share of what is negative through, so that no unit is ever dead; its derivative at 0 is the one from below, s.',
    source: 'Maas, Hannun and Ng 2013',
  },
  fields: { slope: { type: 'number', title: 'Negative slope', symbol: 's', min: 0, max: 1, default: 0.01 } },
  apply: (g, x, { slope }) => g.where(g.step(x), x, g.mul(x, slope as number)),
  piecewiseLinear: true,
};
