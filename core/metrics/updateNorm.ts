/** @file Frobenius norm of the change of each layer’s kernel in this step, regularizer included. */
import type { Metric } from '../define.ts';

export const updateNorm: Metric = {
  card: {
    name: 'updateNorm',
    title: 'Update size',
    formula: '\\|\\Delta W_\\ell\\|_F',
    about: 'Frobenius norm of the change of each layer’s kernel in this step, regularizer included.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'step',
  scale: 'log',
  step: {
    parts: ({ changeNorm }) => [changeNorm],
    finish: ([norm]) => norm!,
  },
};
