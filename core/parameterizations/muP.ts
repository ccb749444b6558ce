/** @file Maximal updates: learning rates that carry over to other widths. */
import type { Parameterization } from '../define.ts';
import { baseWidth, fromTable, maximalUpdate } from './exponents.ts';

export const muP: Parameterization = {
  card: {
    name: 'muP',
    title: 'Maximal update',
    formula: 'a = (-\\tfrac12, 0, \\tfrac12),\\quad b = \\tfrac12,\\quad c = 0',
    about:
      'Every layer moves its activations as much as is stable, at any width, so a learning rate found at the base width serves wider networks. For Adam-like optimizers c = (1/2, 1, 1/2).',
    source: 'Yang and Hu 2021',
  },
  fields: { baseWidth },
  scaling: (request) => fromTable(maximalUpdate, request),
};
