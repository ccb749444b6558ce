/** @file muP in the first step, integrable in what is left of the initial weights. */
import type { Parameterization } from '../define.ts';
import { baseWidth, fromTable, maximalUpdate } from './exponents.ts';

export const hybrid: Parameterization = {
  card: {
    name: 'hybrid',
    title: 'Hybrid',
    formula: 'w_1 = m^{-1/2} w_0 + \\Delta w_0^{\\mu P}\\ \\text{(hidden)},\\quad \\text{else}\\ \\mu P',
    about:
      'The first step of muP, after which the initial hidden matrices shrink to those of the integrable parameterization (or vanish): what large initial rates amount to.',
    source: 'Hajjar, Chizat and Giraud 2021',
  },
  fields: {
    baseWidth,
    remainder: {
      type: 'choice',
      title: 'Initial hidden weights after the first step',
      choices: ['integrable', 'none'],
      default: 'integrable',
    },
  },
  scaling: (request, { remainder }) => ({
    ...fromTable(maximalUpdate, request),
    ...(request.role === 'weight' && request.place === 'hidden' ? { kept: remainder === 'none' ? Infinity : 0.5 } : {}),
  }),
};
