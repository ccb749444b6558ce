/** @file Two layers, the output an average over units. */
import type { Parameterization } from '../define.ts';
import { baseWidth, fromTable, integrable } from './exponents.ts';

export const meanField: Parameterization = {
  card: {
    name: 'meanField',
    title: 'Mean field (two layers)',
    formula: 'f(x) = \\frac1m \\sum_k a_k\\, \\phi(w_k \\cdot x),\\quad a = (0, 1),\\ b = 0,\\ c = (-1, -1)',
    about:
      'One hidden layer as an average over its units: features move at every width. For deeper networks the same rule is the integrable parameterization. For Adam-like optimizers c = 0.',
    source: 'Mei, Montanari and Nguyen 2018; Chizat and Bach 2018',
  },
  fields: { baseWidth },
  scaling: (request) => fromTable(integrable, request),
  fault: (depth) =>
    depth === 1 ? null : `meanField takes networks of one hidden layer, got ${depth}; deeper ones are called ip (or take ipLlr, muP)`,
};
