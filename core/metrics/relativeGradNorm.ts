/** @file Gradient norm over weight norm of each layer: the relative change that one unit of learning rate would make. */
import type { Metric } from '../define.ts';

export const relativeGradNorm: Metric = {
  card: {
    name: 'relativeGradNorm',
    title: 'Gradient against weights',
    formula: '\\|g_\\ell\\|_F/\\|W_\\ell\\|_F',
    about: 'Gradient norm over weight norm of each layer: the relative change that one unit of learning rate would make.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'step',
  scale: 'log',
  step: {
    parts: ({ gradientNorm, weightNorm }) => [gradientNorm, weightNorm],
    finish: ([gradient, weight]) => gradient!.map((value, layer) => value / weight![layer]!),
  },
};
