/** @file For one layer (kernel, bias and normalization together) the largest second moment of the examples’ gradients along one direction, over targets that the model draws. */
import type { Metric } from '../define.ts';

export const modelFisherBlockTop: Metric = {
  card: {
    name: 'modelFisherBlockTop',
    title: 'Largest eigenvalue of each layer’s block of the model’s Fisher matrix',
    formula: '\\lambda_1(F_{\\ell\\ell})',
    about:
      'For one layer (kernel, bias and normalization together) the largest second moment of the examples’ gradients along one direction, over targets that the model draws.',
    source: 'Martens 2020',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  absent: 'the loss is no negative logarithm of a probability',
  instrument: ['fisher', 'blocks'],
  applies: ({ loss }) => loss.information !== undefined,
};
