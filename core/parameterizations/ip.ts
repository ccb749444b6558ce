/** @file Every layer an average over the units below it: stationary from four weight layers on. */
import type { Parameterization } from '../define.ts';
import { baseWidth, fromTable, integrable } from './exponents.ts';

export const ip: Parameterization = {
  card: {
    name: 'ip',
    title: 'Integrable',
    formula: 'a = (0, 1, 1),\\quad b = 0,\\quad c = (-1, -2, -1)',
    about:
      'The mean-field rule in every layer: muP whose hidden matrices start smaller by the root of the width. With more than three weight layers wide networks stay where they are. For Adam-like optimizers c = 0.',
    source: 'Hajjar, Chizat and Giraud 2021',
  },
  fields: { baseWidth },
  scaling: (request) => fromTable(integrable, request),
};
