/** @file Root of the sum of all squared eigenvalues of the Gauss-Newton matrix, estimated from products with random signs. */
import type { Metric } from '../define.ts';

export const ggnFrobenius: Metric = {
  card: {
    name: 'ggnFrobenius',
    title: 'Frobenius norm of the Gauss-Newton matrix',
    formula: '\\lVert G\\rVert_F = \\sqrt{\\mathbb{E}_z\\lVert Gz\\rVert^2}',
    about: 'Root of the sum of all squared eigenvalues of the Gauss-Newton matrix, estimated from products with random signs.',
    source: 'Hutchinson 1990',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'gaussNewton',
};
