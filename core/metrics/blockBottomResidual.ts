/** @file An eigenvalue of the layer’s block lies within this distance of the value shown. */
import type { Metric } from '../define.ts';

export const blockBottomResidual: Metric = {
  card: {
    name: 'blockBottomResidual',
    title: 'Residual of each block’s smallest eigenvalue',
    formula: '\\lVert H_{\\ell\\ell} v - \\lambda v\\rVert',
    about: 'An eigenvalue of the layer’s block lies within this distance of the value shown.',
    source: 'Parlett 1998',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'blocks',
};
