/** @file What is missing to a margin: between the label and the best of the others, or to the right side of 0. */
import type { Loss } from '../define.ts';

export const hinge: Loss = {
  card: {
    name: 'hinge',
    title: 'Hinge loss',
    formula: '\\frac1B\\sum_b \\max\\bigl(0,\\ m + \\max_{k \\ne y_b} z_{bk} - z_{b y_b}\\bigr)',
    about: 'For labels, the margin over the best other class; for targets ±1, Σ max(0, m - y z) over outputs. No gradient once it is kept.',
    source: 'Crammer and Singer 2001',
  },
  fields: { margin: { type: 'number', title: 'Margin', symbol: 'm', min: 0, max: 1e6, default: 1 } },
  targets: 'either',
  range: () => 'signs',
  each(g, outputs, targets, options) {
    const margin = options.margin as number;
    if (targets.dtype !== 'int32') return g.sum(g.relu(g.add(g.neg(g.mul(targets, outputs)), margin)), [1]);
    const label = g.oneHot(targets, outputs.shape[1]!); // [B, K]
    const own = g.sum(g.mul(g.where(label, outputs, 0), label), [1]);
    const best = g.reduceMax(g.where(label, -Infinity, outputs), [1]);
    return g.relu(g.add(g.sub(best, own), margin)); // [B]
  },
};
