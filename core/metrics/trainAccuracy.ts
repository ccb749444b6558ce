/** @file Share of the training set (or its first 10,000) whose largest output is the label. */
import type { Metric } from '../define.ts';

export const trainAccuracy: Metric = {
  card: {
    name: 'trainAccuracy',
    title: 'Training accuracy',
    formula: '\\Pr(\\arg\\max f = y)',
    about: 'Share of the training set (or its first 10,000) whose largest output is the label.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'pass',
  scale: 'linear',
  absent: 'the targets are values, not labels',
  procedure: 'evaluation',
};
