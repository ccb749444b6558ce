/** @file An eigenvalue of the kernel’s block times the kernel’s squared norm lies within the residual of each value. */
import type { Metric } from '../define.ts';

export const scaleFreeSharpnessResidual: Metric = {
  card: {
    name: 'scaleFreeSharpnessResidual',
    title: 'Residuals of the scale-free sharpness',
    formula: '\\|H_{W_\\ell W_\\ell} v - \\lambda v\\|\\,\\lVert W_\\ell\\rVert^2',
    about: 'An eigenvalue of the kernel’s block times the kernel’s squared norm lies within the residual of each value.',
    source: 'Parlett 1998',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'log',
  absent: 'no kernel stands directly in front of a normalization',
  procedure: 'curvature',
  instrument: 'scaleFree',
  applies: ({ network: { layers } }) => layers.some(({ scaleInvariant }) => scaleInvariant !== false),
};
