/** @file Root of the sum of all squared eigenvalues, estimated from products with random signs. */
import type { Metric } from '../define.ts';

export const hessianFrobenius: Metric = {
  card: {
    name: 'hessianFrobenius',
    title: 'Frobenius norm of the Hessian',
    formula: '\\lVert H\\rVert_F = \\sqrt{\\mathbb{E}_z\\lVert Hz\\rVert^2}',
    about: 'Root of the sum of all squared eigenvalues, estimated from products with random signs.',
    source: 'Hutchinson 1990',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'trace',
};
