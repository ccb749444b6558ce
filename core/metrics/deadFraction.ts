/** @file Share of each layer’s units that are zero on the whole batch. */
import type { Metric } from '../define.ts';

export const deadFraction: Metric = {
  card: {
    name: 'deadFraction',
    title: 'Dead units',
    formula: '\\tfrac1{n_\\ell}\\,\\#\\{j : x_{bj} = 0\\ \\forall b\\}',
    about:
      'Share of each layer’s units that are zero on the whole batch, before dropout. Recorded for activations that are zero over a range, as ReLU.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'step',
  scale: 'linear',
  absent: 'no activation function is zero over a range',
  step: { parts: ({ deadFraction }) => (deadFraction ? [deadFraction] : null), finish: ([dead]) => dead! },
};
