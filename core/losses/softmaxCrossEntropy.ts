/** @file Mean over the batch of -log of the probability that softmax gives to the label. */
import type { Loss } from '../define.ts';

export const softmaxCrossEntropy: Loss = {
  card: {
    name: 'softmaxCrossEntropy',
    title: 'Softmax cross-entropy',
    formula: '-\\frac1B\\sum_b \\log \\operatorname{softmax}(z_b)_{y_b}',
    about: 'For labels; log K at chance with K classes.',
    unit: 'nat',
    source: 'definition',
  },
  fields: {},
  targets: 'labels',
  each: (g, outputs, labels) => g.neg(g.sum(g.mul(g.logSoftmax(outputs), g.oneHot(labels, outputs.shape[1]!)), [1])), // [B]
};
