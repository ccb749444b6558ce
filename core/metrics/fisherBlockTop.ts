/** @file For one layer (kernel, bias and normalization together) the largest second moment of the examples’ gradients along one direction, at the given targets. */
import type { Metric } from '../define.ts';

export const fisherBlockTop: Metric = {
  card: {
    name: 'fisherBlockTop',
    title: 'Largest eigenvalue of each layer’s block of the empirical Fisher matrix',
    formula: '\\lambda_1(F_{\\ell\\ell})',
    about:
      'For one layer (kernel, bias and normalization together) the largest second moment of the examples’ gradients along one direction, at the given targets.',
    source: 'Kunstner, Balles and Hennig 2019',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: ['fisher', 'blocks'],
};
