/** @file Standard error of the Frobenius norm over the random probes. */
import type { Metric } from '../define.ts';

export const hessianFrobeniusError: Metric = {
  card: {
    name: 'hessianFrobeniusError',
    title: 'Standard error of the Frobenius norm',
    formula: '\\mathrm{se}(\\lVert H\\rVert_F)',
    about: 'Standard error of the Frobenius norm over the random probes.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'trace',
};
