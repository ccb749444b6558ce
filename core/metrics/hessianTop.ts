/** @file Largest algebraic eigenvalues of the Hessian of the loss on the fixed curvature batch, by Lanczos; each within its residual. */
import type { Metric } from '../define.ts';

export const hessianTop: Metric = {
  card: {
    name: 'hessianTop',
    title: 'Largest Hessian eigenvalues',
    formula: '\\lambda_1 \\ge \\lambda_2 \\ge \\dots',
    about: 'Largest algebraic eigenvalues of the Hessian of the loss on the fixed curvature batch, by Lanczos; each within its residual.',
    source: 'Cohen, Kaur, Li, Kolter and Talwalkar 2021',
  },
  fields: {},
  axes: ['eigenvalue'],
  cost: 'product',
  scale: 'symlog',
  procedure: 'curvature',
};
