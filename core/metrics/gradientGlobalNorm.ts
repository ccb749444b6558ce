/** @file Norm of the gradient of all parameters together, before clipping. */
import type { Metric } from '../define.ts';
import { norm } from './moments.ts';

export const gradientGlobalNorm: Metric = {
  card: {
    name: 'gradientGlobalNorm',
    title: 'Global gradient norm',
    formula: '\\bigl(\\textstyle\\sum_\\theta \\|\\partial L/\\partial\\theta\\|^2\\bigr)^{1/2}',
    about: 'Of all parameters together, biases, scales and shifts too, of the loss without regularizer and before clipping.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'step',
  scale: 'log',
  step: { parts: ({ gradientNorms }) => [gradientNorms], finish: ([norms]) => Float64Array.of(norm(norms!)) },
};
