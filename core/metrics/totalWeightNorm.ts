/** @file Norm of all kernels together. */
import type { Metric } from '../define.ts';

export const totalWeightNorm: Metric = {
  card: {
    name: 'totalWeightNorm',
    title: 'Weight norm of all kernels',
    formula: '\\sqrt{\\textstyle\\sum_\\ell \\|W_\\ell\\|_F^2}',
    about: 'Norm of all kernels together.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'step',
  scale: 'log',
  step: {
    parts: ({ weightNorm }) => [weightNorm],
    finish: ([norm]) => Float64Array.of(Math.hypot(...norm!)),
  },
};
