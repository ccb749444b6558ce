/** @file Norm of the gradient of all kernels together, of the loss without regularizer. */
import type { Metric } from '../define.ts';

export const totalGradNorm: Metric = {
  card: {
    name: 'totalGradNorm',
    title: 'Gradient norm of all kernels',
    formula: '\\sqrt{\\textstyle\\sum_\\ell \\|g_\\ell\\|_F^2}',
    about: 'Norm of the gradient of all kernels together, of the loss without regularizer.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'step',
  scale: 'log',
  step: {
    parts: (_, { gradientNorm }) => [gradientNorm],
    finish: ([norm]) => Float64Array.of(Math.hypot(...norm!)),
  },
};
