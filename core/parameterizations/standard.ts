/** @file The usual one: nothing depends on the width but the init. */
import type { Parameterization } from '../define.ts';
import { fromTable } from './exponents.ts';

export const standard: Parameterization = {
  card: {
    name: 'standard',
    title: 'Standard',
    formula: 'a = 0,\\quad b = (0, \\tfrac12, \\tfrac12),\\quad c = 0',
    about: 'Weights as the init draws them, one learning rate for all layers. At large width the largest stable rate falls like 1/width.',
    source: 'definition',
  },
  fields: {},
  scaling: (request) => fromTable({ a: [0, 0, 0], b: [0, 0.5, 0.5], c: [0, 0, 0] }, request),
};
