/** @file Smallest eigenvalue of the part of the tangent kernel that each layer contributes. */
import type { Metric } from '../define.ts';
import { perLayer } from './moments.ts';

export const layerGramSmallest: Metric = {
  card: {
    name: 'layerGramSmallest',
    title: 'Smallest Gram eigenvalue of each layer',
    formula: '\\lambda_{min}(G_\\ell)',
    about: 'Smallest eigenvalue of the part of the tangent kernel that each layer contributes. Not a number for frozen layers.',
    source: 'Panigrahi, Shetty and Goyal 2020',
  },
  fields: {},
  axes: ['layer'],
  cost: 'gram',
  scale: 'log',
  gram: perLayer(({ tangentValues }) => tangentValues()?.at(-1) ?? NaN),
};
