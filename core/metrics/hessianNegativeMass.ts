/** @file Share of the eigenvalues below zero (further than rounding), from the spectral density. */
import type { Metric } from '../define.ts';

export const hessianNegativeMass: Metric = {
  card: {
    name: 'hessianNegativeMass',
    title: 'Share of negative eigenvalues',
    formula: '\\tfrac1P\\#\\{\\lambda_i < 0\\}',
    about: 'Share of the eigenvalues below zero (further than rounding), from the spectral density.',
    source: 'Ghorbani, Krishnan and Xiao 2019',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'linear',
  procedure: 'curvature',
  instrument: 'density',
};
