/** @file The loss of a network that has learned nothing: the logarithm of the number of classes. */
import type { Prediction } from '../define.ts';
import { unmet } from './assumptions.ts';

export const chanceLoss: Prediction = {
  card: {
    name: 'chanceLoss',
    title: 'Loss at chance',
    formula: 'L = \\log C',
    about:
      'What equal shares for all C classes cost. A run that stays on this line is stationary: its outputs do not depend on its inputs.',
    source: 'definition',
  },
  fields: {},
  metric: 'loss',
  symbol: 'log C',
  when: 'always',
  unmet: ({ spec: { loss } }) =>
    unmet(loss.kind === 'softmaxCrossEntropy' ? null : `needs softmax cross-entropy, the loss is ${loss.kind}`),
  expect: ({ data }) => ({ value: [Math.log(data.outputs)] }),
};
