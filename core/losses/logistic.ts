/** @file Binary cross-entropy of each output on its own, summed over outputs. */
import type { Loss } from '../define.ts';
import { softplus } from '../graph/compose.ts';
import { asValues } from './targets.ts';

export const logistic: Loss = {
  card: {
    name: 'logistic',
    title: 'Logistic loss',
    formula: '\\frac1B\\sum_{b,k} \\log(1 + e^{z_{bk}}) - y_{bk} z_{bk}',
    about: 'One question per output, 0 or 1 (or a probability between); labels become one-hot vectors, one class against the rest.',
    unit: 'nat',
    source: 'definition',
  },
  fields: {},
  targets: 'either',
  each: (g, outputs, targets) => g.sum(g.sub(softplus(g, outputs), g.mul(asValues(g, outputs, targets), outputs)), [1]), // [B]
};
