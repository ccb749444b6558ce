/** @file Size of the step in units of the weights; about 1e-3 is common, 1 replaces the layer. */
import type { Metric } from '../define.ts';

export const updateRatio: Metric = {
  card: {
    name: 'updateRatio',
    title: 'Update ratio',
    formula: '\\|\\Delta W_\\ell\\|/\\|W_\\ell\\|',
    about: 'Size of the step in units of the weights; about 1e-3 is common, 1 replaces the layer.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'step',
  scale: 'log',
  step: {
    parts: ({ changeNorm, weightNorm }) => [changeNorm, weightNorm],
    finish: ([change, weight]) => change!.map((value, layer) => value / weight![layer]!),
  },
};
