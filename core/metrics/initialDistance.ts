/** @file How far each layer’s kernel has moved from where it was drawn. */
import type { Metric } from '../define.ts';
import { norm, perLayer } from './moments.ts';

export const initialDistance: Metric = {
  card: {
    name: 'initialDistance',
    title: 'Distance from the initialization',
    formula: '\\|W_\\ell(t)-W_\\ell(0)\\|_F',
    about: 'How far each layer’s kernel has moved from where it was drawn.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'log',
  since: 'initial',
  weights: perLayer(({ change }) => norm(change.values)),
};
