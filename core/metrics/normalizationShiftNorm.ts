/** @file Norm of each layer’s learned shifts together; not a number for the others. */
import type { Metric } from '../define.ts';
import { isLogit } from '../networkPlan.ts';
import { norm, perLayer } from './moments.ts';

export const normalizationShiftNorm: Metric = {
  card: {
    name: 'normalizationShiftNorm',
    title: 'Norm of the learned shifts',
    formula: '\\|\\beta_\\ell\\|',
    about:
      'Norm of each layer’s learned shifts together: behind its normalizations, and those before and after its kernel; not a number for the others.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'log',
  absent: 'no layer has a learned shift',
  applies: ({ network: { parameters } }) => parameters.some((parameter) => parameter.role === 'shift' && !isLogit(parameter)),
  weights: perLayer(({ others: { shift } }) => (shift ? norm(shift) : NaN)),
};
