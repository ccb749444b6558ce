/** @file Linear in the outputs: the mean of the others less the label's. */
import type { Loss } from '../define.ts';

export const unhinged: Loss = {
  card: {
    name: 'unhinged',
    title: 'Unhinged loss',
    formula: '\\frac1B\\sum_b \\frac{1}{K-1}\\sum_{k \\ne y_b} z_{bk} - z_{b y_b}',
    about:
      'Its gradient does not depend on the outputs, so dynamics are in closed form; unbounded below, it needs normalized or decaying weights.',
    source: 'van Rooyen, Menon and Williamson 2015',
  },
  fields: {},
  targets: 'labels',
  each(g, outputs, labels) {
    const classes = outputs.shape[1]!;
    const label = g.oneHot(labels, classes); // 1 on the label; -1/(K-1) on the others
    const weights = g.sub(1 / Math.max(1, classes - 1), g.mul(label, 1 + 1 / Math.max(1, classes - 1)));
    return g.sum(g.mul(outputs, weights), [1]); // [B]
  },
};
