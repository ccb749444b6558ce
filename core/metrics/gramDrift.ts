/** @file How far the tangent kernel has moved from that of the initialization. */
import type { Metric } from '../define.ts';
import { norm } from './moments.ts';

export const gramDrift: Metric = {
  card: {
    name: 'gramDrift',
    title: 'Drift of the Gram matrix',
    formula: '\\|G_t-G_0\\|_F/\\|G_0\\|_F',
    about: 'How far the tangent kernel has moved from that of the initialization: near 0 where the network behaves like a linear model.',
    source: 'Jacot, Gabriel and Hongler 2018',
  },
  fields: {},
  axes: [],
  cost: 'gram',
  scale: 'log',
  since: 'initial',
  gram: ({ gram, initialGram }) => Float64Array.of(norm(gram.map((value, i) => value - initialGram[i]!)) / norm(initialGram)),
};
