/** @file Zero for layers whose scale the loss does not see (Euler), up to the ε of the normalization. */
import type { Metric } from '../define.ts';

export const cosineWeightGradient: Metric = {
  card: {
    name: 'cosineWeightGradient',
    title: 'Cosine of weights and gradient',
    formula: '\\langle W_\\ell, g_\\ell\\rangle/(\\|W_\\ell\\|\\,\\|g_\\ell\\|)',
    about: 'Zero for layers whose scale the loss does not see (Euler), up to the ε of the normalization.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'step',
  scale: 'linear',
  step: {
    parts: ({ weightDotGradient, weightNorm, gradientNorm }) => [weightDotGradient, weightNorm, gradientNorm],
    finish: ([dot, weight, gradient]) => dot!.map((value, layer) => value / (weight![layer]! * gradient![layer]!)),
  },
};
