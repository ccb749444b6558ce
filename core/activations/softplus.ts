/** @file A smooth ReLU, computed without overflow. */
import type { Activation } from '../define.ts';
import { softplus as composed } from '../graph/compose.ts';

export const softplus: Activation = {
  card: {
    name: 'softplus',
    title: 'Softplus',
    formula: '\\log(1 + e^x)',
    about: 'A smooth ReLU, computed without overflow.',
    source: 'Dugas, Bengio, Bélisle, Nadeau and Garcia 2001',
  },
  fields: {},
  apply: (g, x) => composed(g, x),
  piecewiseLinear: false,
};
