/** @file An eigenvalue of the model’s Fisher matrix lies within this distance of the value shown. */
import type { Metric } from '../define.ts';

export const modelFisherTopResidual: Metric = {
  card: {
    name: 'modelFisherTopResidual',
    title: 'Residual of the model’s Fisher eigenvalues',
    formula: '\\lVert Fv - \\lambda v\\rVert',
    about: 'An eigenvalue of the model’s Fisher matrix lies within this distance of the value shown.',
    source: 'Parlett 1998',
  },
  fields: {},
  axes: ['eigenvalue'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  absent: 'the loss is no negative logarithm of a probability',
  instrument: 'fisher',
  applies: ({ loss }) => loss.information !== undefined,
};
