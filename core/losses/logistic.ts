/** @file Binary cross-entropy of each output on its own, summed over outputs. */
import type { Loss } from '../define.ts';
import { logisticLoss, logisticSlope } from '../graph/compose.ts';
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
  fields: {
    coding: { type: 'choice', title: 'Values are', choices: ['shares', 'signs'], default: 'shares', about: 'From 0 to 1, or -1 and 1.' },
  },
  targets: 'either',
  range: ({ coding }) => coding as 'shares' | 'signs',
  information(g, outputs, moved) {
    return g.mul(logisticSlope(g, outputs), moved);
  },
  each(g, outputs, targets, { coding }) {
    const values = asValues(g, outputs, targets);
    const wanted = coding === 'signs' && targets.dtype !== 'int32' ? g.mul(g.add(values, 1), 0.5) : values;
    return g.sum(logisticLoss(g, outputs, wanted), [1]); // [B]
  },
};
