/** @file Largest eigenvalue of the kernel’s block times the kernel’s squared norm, for layers whose scale a normalization takes out: rescaling their weights changes the sharpness but not this. */
import type { Metric } from '../define.ts';

export const scaleFreeSharpness: Metric = {
  card: {
    name: 'scaleFreeSharpness',
    title: 'Scale-free sharpness of each layer',
    formula: '\\lambda_1(H_{W_\\ell W_\\ell})\\,\\lVert W_\\ell\\rVert^2',
    about:
      'Largest eigenvalue of the kernel’s block times the kernel’s squared norm, for layers whose scale a normalization takes out: rescaling their weights changes the sharpness but not this.',
    source: 'our choice',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'symlog',
  absent: 'no kernel stands directly in front of a normalization',
  procedure: 'curvature',
  instrument: 'scaleFree',
  applies: ({ network: { layers } }) => layers.some(({ scaleInvariant }) => scaleInvariant !== false),
};
