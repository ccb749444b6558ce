/** @file Half the squared distance to the target, mean over the batch; labels stand for their one-hot vectors. */
import type { Loss } from '../define.ts';

export const meanSquaredError: Loss = {
  card: {
    name: 'meanSquaredError',
    title: 'Mean squared error',
    formula: '\\frac1{2B}\\sum_b \\|z_b - y_b\\|^2',
    about: 'Half the squared distance, summed over outputs, mean over the batch; labels become one-hot vectors.',
    source: 'definition',
  },
  fields: {},
  targets: 'either',
  each(g, outputs, targets) {
    const wanted = targets.dtype === 'int32' ? g.oneHot(targets, outputs.shape[1]!) : targets;
    return g.mul(g.sum(g.square(g.sub(outputs, wanted)), [1]), 0.5); // [B]
  },
};
