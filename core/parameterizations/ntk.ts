/** @file Width as a factor in front of each matrix: the kernel limit. */
import type { Parameterization } from '../define.ts';
import { baseWidth, fromTable } from './exponents.ts';

export const ntk: Parameterization = {
  card: {
    name: 'ntk',
    title: 'Neural tangent kernel',
    formula: 'a = (0, \\tfrac12, \\tfrac12),\\quad b = 0,\\quad c = 0',
    about:
      'One rate serves every width, but wide networks train as linear models of their gradients: features do not move. For Adam-like optimizers c = (0, 1/2, 1/2).',
    source: 'Jacot, Gabriel and Hongler 2018',
  },
  fields: { baseWidth },
  scaling: (request) => fromTable({ a: [0, 0.5, 0.5], b: [0, 0, 0], c: [0, 0, 0], scaleFree: [0, 0.5, 0.5] }, request),
};
