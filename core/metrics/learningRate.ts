/** @file The rate of this step, after the schedule. */
import type { Metric } from '../define.ts';

export const learningRate: Metric = {
  card: {
    name: 'learningRate',
    title: 'Learning rate',
    formula: '\\eta_t',
    about: 'The rate of this step, after the schedule.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'step',
  scale: 'log',
  step: { parts: ({ learningRate }) => [learningRate], finish: ([rate]) => rate! },
};
