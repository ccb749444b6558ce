/** @file Share of the gradient that clipping changed in this step. */
import type { Metric } from '../define.ts';

export const clippedFraction: Metric = {
  card: {
    name: 'clippedFraction',
    title: 'Clipped fraction',
    formula: '|\\{i: \\tilde g_i \\ne g_i\\}|/P',
    about: 'Share of the gradient’s values that clipping changed in this step: all or none of them where it goes by the global norm.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'step',
  scale: 'linear',
  absent: 'nothing clips the gradients',
  step: { parts: ({ clippedFraction: fraction }) => (fraction ? [fraction] : null), finish: ([fraction]) => fraction! },
};
