/** @file An eigenvalue of the block of the model’s Fisher matrix lies within the residual of each value. */
import type { Metric } from '../define.ts';

export const modelFisherBlockTopResidual: Metric = {
  card: {
    name: 'modelFisherBlockTopResidual',
    title: 'Residuals of the block eigenvalues of the model’s Fisher matrix',
    formula: '\\|F_{\\ell\\ell} v - \\lambda v\\|',
    about: 'An eigenvalue of the block of the model’s Fisher matrix lies within the residual of each value.',
    source: 'Parlett 1998',
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
