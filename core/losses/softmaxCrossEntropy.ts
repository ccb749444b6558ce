/** @file Mean over the batch of -log of the probability that softmax gives to the label. */
import type { Loss } from '../define.ts';
import { centred } from '../graph/compose.ts';

export const softmaxCrossEntropy: Loss = {
  card: {
    name: 'softmaxCrossEntropy',
    title: 'Softmax cross-entropy',
    formula: '-\\frac1B\\sum_{b,k} q_{bk} \\log \\operatorname{softmax}(z_b)_k,\\quad q = (1-\\epsilon)\\, e_{y_b} + \\epsilon/K',
    about: 'For labels; log K at chance with K classes. Smoothing moves a share of the label’s weight to all classes alike.',
    unit: 'nat',
    source: 'Szegedy, Vanhoucke, Ioffe, Shlens and Wojna 2016',
  },
  fields: {
    smoothing: { type: 'number', title: 'Label smoothing', symbol: '\\epsilon', min: 0, max: 0.99, default: 0 },
  },
  targets: 'labels',
  information(g, outputs, moved) {
    const p = g.softmax(outputs);
    return g.mul(p, centred(g, p, moved)); // (diag p - p pᵀ) m
  },
  each(g, outputs, labels, options) {
    const classes = outputs.shape[1]!;
    const smoothing = options.smoothing as number;
    const wanted = g.add(g.mul(g.oneHot(labels, classes), 1 - smoothing), smoothing / classes);
    return g.neg(g.sum(g.mul(g.logSoftmax(outputs), wanted), [1])); // [B]
  },
};
