/** @file Root of the sum of all squared eigenvalues of the model’s Fisher matrix, estimated from products with random signs. */
import type { Metric } from '../define.ts';

export const modelFisherFrobenius: Metric = {
  card: {
    name: 'modelFisherFrobenius',
    title: 'Frobenius norm of the model’s Fisher matrix',
    formula: '\\lVert F\\rVert_F = \\sqrt{\\mathbb{E}_z\\lVert Fz\\rVert^2}',
    about: 'Root of the sum of all squared eigenvalues of the model’s Fisher matrix, estimated from products with random signs.',
    source: 'Hutchinson 1990',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  absent: 'the loss is no negative logarithm of a probability',
  instrument: 'fisher',
  applies: ({ loss }) => loss.information !== undefined,
};
