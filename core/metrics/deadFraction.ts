/** @file Share of each layer’s units that are zero on the whole batch. */
import type { Metric } from '../define.ts';

export const deadFraction: Metric = {
  card: {
    name: 'deadFraction',
    title: 'Dead units',
    formula: '\\tfrac1{n_\\ell}\\,\\#\\{j : x_{bj} = 0\\ \\forall b\\}',
    about: 'Share of each layer’s units that are zero on the whole batch. Recorded for piecewise linear activations.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'step',
  scale: 'linear',
  absent: 'an activation function is not piecewise linear',
  step: { parts: ({ deadFraction }) => (deadFraction ? [deadFraction] : null), finish: ([dead]) => dead! },
};
