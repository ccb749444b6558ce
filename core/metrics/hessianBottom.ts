/** @file Smallest algebraic eigenvalue, from the other end of the same Lanczos run; negative at a saddle. */
import type { Metric } from '../define.ts';

export const hessianBottom: Metric = {
  card: {
    name: 'hessianBottom',
    title: 'Smallest Hessian eigenvalue',
    formula: '\\lambda_{min}',
    about:
      'Smallest algebraic eigenvalue, from the other end of the same Lanczos run; negative at a saddle. Never below the true one up to rounding, but with few products (10 for topK 1) it can stay above it: a larger topK settles both ends.',
    source: 'Parlett 1998',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'symlog',
  procedure: 'curvature',
};
