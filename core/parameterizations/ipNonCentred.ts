/** @file Integrable, with weights of non-zero mean. */
import type { Parameterization } from '../define.ts';
import { baseWidth, fromTable, integrable } from './exponents.ts';

export const ipNonCentred: Parameterization = {
  card: {
    name: 'ipNonCentred',
    title: 'Integrable, non-centred',
    formula: 'U_\\ell \\sim N(\\mu, v)\\ \\text{for}\\ \\ell \\ge 2,\\quad a = (0, 1, 1),\\ b = 0,\\ c = (-1, -2, -1)',
    about:
      'Weights whose mean is not zero: averages over units survive, but from the second layer on all units of a layer become equal as the width grows. For Adam-like optimizers c = 0.',
    source: 'Hajjar, Chizat and Giraud 2021',
  },
  fields: {
    baseWidth,
    mean: { type: 'number', title: 'Mean', symbol: '\\mu', min: -100, max: 100, default: 1 },
  },
  scaling: (request, { mean }) => ({
    ...fromTable(integrable, request),
    ...(request.role === 'weight' && request.place !== 'input' ? { mean: mean as number } : {}),
  }),
};
