/** @file Share of the held-out set whose largest output is the label. */
import type { Metric } from '../define.ts';

export const heldOutAccuracy: Metric = {
  card: {
    name: 'heldOutAccuracy',
    title: 'Held-out accuracy',
    formula: '\\Pr(\\arg\\max f = y)',
    about: 'Share of the held-out set whose largest output is the label.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'pass',
  scale: 'linear',
  absent: 'the targets are values, not labels',
  procedure: 'evaluation',
};
