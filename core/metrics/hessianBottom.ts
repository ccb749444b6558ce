/** @file Smallest algebraic eigenvalue, from the other end of the same Lanczos run; negative at a saddle. */
import type { Metric } from '../define.ts';

export const hessianBottom: Metric = {
  card: {
    name: 'hessianBottom',
    title: 'Smallest Hessian eigenvalue',
    formula: '\\lambda_{min}',
    about: 'Smallest algebraic eigenvalue, from the other end of the same Lanczos run; negative at a saddle.',
    source: 'Parlett 1998',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'symlog',
  procedure: 'curvature',
};
