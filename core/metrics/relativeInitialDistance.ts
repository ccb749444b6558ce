/** @file How far each layer’s kernel has moved, in units of its initial norm: small where training is lazy. */
import type { Metric } from '../define.ts';
import { norm, perLayer } from './moments.ts';

export const relativeInitialDistance: Metric = {
  card: {
    name: 'relativeInitialDistance',
    title: 'Relative distance from the initialization',
    formula: '\\|W_\\ell(t)-W_\\ell(0)\\|_F/\\|W_\\ell(0)\\|_F',
    about: 'How far each layer’s kernel has moved, in units of its initial norm: small where training is lazy.',
    source: 'Chizat, Oyallon and Bach 2019',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'log',
  since: 'initial',
  weights: perLayer(({ change, initial }) => norm(change.values) / norm(initial.values)),
};
