/** @file Largest eigenvalues of the Hessian without the second derivatives of the network; for cross-entropy and squared error it is the Fisher matrix. */
import type { Metric } from '../define.ts';

export const ggnTop: Metric = {
  card: {
    name: 'ggnTop',
    title: 'Largest eigenvalues of the Gauss-Newton matrix',
    formula: '\\lambda_1(J^\\top \\Lambda J)',
    about:
      'Largest eigenvalues of the Hessian without the second derivatives of the network; for cross-entropy and squared error it is the Fisher matrix.',
    source: 'Schraudolph 2002',
  },
  fields: {},
  axes: ['eigenvalue'],
  cost: 'product',
  scale: 'symlog',
  procedure: 'curvature',
  instrument: 'gaussNewton',
};
