/** @file Gradient norm of each layer over that of the last one: its slope over depth shows vanishing and explosion apart from the size of the loss. */
import type { Metric } from '../define.ts';

export const gradRatio: Metric = {
  card: {
    name: 'gradRatio',
    title: 'Gradient against the last layer',
    formula: '\\|g_\\ell\\|_F/\\|g_L\\|_F',
    about:
      'Gradient norm of each layer over that of the last one: its slope over depth shows vanishing and explosion apart from the size of the loss.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'step',
  scale: 'log',
  step: {
    parts: ({ gradientNorm }) => [gradientNorm],
    finish: ([norm]) => norm!.map((value) => value / norm!.at(-1)!),
  },
};
