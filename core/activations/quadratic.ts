/** @file A polynomial of degree 2: the family of functions has a finite dimension, and its Gram matrix a bounded rank. */
import type { Activation } from '../define.ts';

export const quadratic: Activation = {
  card: {
    name: 'quadratic',
    title: 'Quadratic',
    formula: 'x^2',
    about: 'A polynomial of degree 2: the family of functions has a finite dimension, and its Gram matrix a bounded rank.',
    source: 'Sarao Mannelli, Vanden-Eijnden and Zdeborová 2020',
  },
  fields: {},
  apply: (g, x) => g.square(x),
  piecewiseLinear: false,
};
