/** @file Largest eigenvalue of the part of the tangent kernel that each layer contributes. */
import type { Metric } from '../define.ts';
import { perLayer } from './moments.ts';

export const layerGramLargest: Metric = {
  card: {
    name: 'layerGramLargest',
    title: 'Largest Gram eigenvalue of each layer',
    formula: '\\lambda_{max}(G_\\ell)',
    about: 'Largest eigenvalue of the part of the tangent kernel that each layer contributes. Not a number for frozen layers.',
    source: 'Panigrahi, Shetty and Goyal 2020',
  },
  fields: {},
  axes: ['layer'],
  cost: 'gram',
  scale: 'log',
  gram: perLayer(({ tangentValues }) => tangentValues()?.[0] ?? NaN),
};
