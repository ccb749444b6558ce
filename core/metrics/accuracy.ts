/** @file Share of the batch whose largest output is the label. */
import type { Metric } from '../define.ts';

export const accuracy: Metric = {
  card: {
    name: 'accuracy',
    title: 'Accuracy',
    formula: '\\Pr(\\arg\\max f = y)',
    about: 'Share of the batch whose largest output is the label.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'step',
  scale: 'linear',
  absent: 'the targets are values, not labels',
  step: { parts: ({ accuracy }) => (accuracy ? [accuracy] : null), finish: ([accuracy]) => accuracy! },
};
