/** @file Root of the sum of all squared eigenvalues of the empirical Fisher matrix, estimated from products with random signs. */
import type { Metric } from '../define.ts';

export const fisherFrobenius: Metric = {
  card: {
    name: 'fisherFrobenius',
    title: 'Frobenius norm of the empirical Fisher matrix',
    formula: '\\lVert F\\rVert_F = \\sqrt{\\mathbb{E}_z\\lVert Fz\\rVert^2}',
    about: 'Root of the sum of all squared eigenvalues of the empirical Fisher matrix, estimated from products with random signs.',
    source: 'Hutchinson 1990',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'fisher',
};
