/** @file The singular values of each layer’s kernel, largest first. */
import type { Metric } from '../define.ts';
import { spectrumRows } from './moments.ts';

export const singularValues: Metric = {
  card: {
    name: 'singularValues',
    title: 'Singular values',
    formula: '\\sigma_1(W_\\ell) \\ge \\sigma_2(W_\\ell) \\ge \\dots',
    about:
      'All singular values of each layer’s kernel, largest first; of a layer with more than 64 those of 64 ranks at equal distances (fewer from 257 layers on), the largest and the smallest among them. A convolution’s are those of the matrix that meets its patches.',
    source: 'Saxe, McClelland and Ganguli 2014',
  },
  fields: {},
  axes: ['layer', 'singularValue'],
  cost: 'weights',
  scale: 'log',
  weights: ({ layers }) => spectrumRows(layers.map((layer) => layer.singularValues())),
};
