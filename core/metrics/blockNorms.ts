/** @file Frobenius norm of the block of the Hessian between every two layers, by products with random signs on one layer at a time. */
import type { Metric } from '../define.ts';

export const blockNorms: Metric = {
  card: {
    name: 'blockNorms',
    title: 'Norms of the blocks between layers',
    formula: '\\lVert H_{k\\ell}\\rVert_F = \\sqrt{\\mathbb{E}_z\\lVert (Hz_\\ell)_k\\rVert^2}',
    about: 'Frobenius norm of the block of the Hessian between every two layers, by products with random signs on one layer at a time.',
    source: 'Hutchinson 1990',
  },
  fields: {},
  axes: ['layer', 'layer'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'offDiagonal',
};
