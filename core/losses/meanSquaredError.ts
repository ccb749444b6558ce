/** @file Half the squared distance to the target, mean over the batch; labels stand for their one-hot vectors. */
import type { Loss } from '../define.ts';
import { asValues } from './targets.ts';

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
  information: (_, __, moved) => moved, // of normal targets around the outputs, variance 1
  each: (g, outputs, targets) => g.mul(g.sum(g.square(g.sub(outputs, asValues(g, outputs, targets))), [1]), 0.5), // [B]
};
