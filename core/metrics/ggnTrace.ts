/** @file Sum of the eigenvalues of the Gauss-Newton matrix; the trace of the Hessian where the network is piecewise linear. */
import type { Metric } from '../define.ts';

export const ggnTrace: Metric = {
  card: {
    name: 'ggnTrace',
    title: 'Trace of the Gauss-Newton matrix',
    formula: '\\mathrm{tr}\\,G = \\mathbb{E}_z z^\\top G z',
    about: 'Sum of the eigenvalues of the Gauss-Newton matrix; the trace of the Hessian where the network is piecewise linear.',
    source: 'Hutchinson 1990',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'gaussNewton',
};
