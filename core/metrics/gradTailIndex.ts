/** @file Index of a stable law fitted to X = g_b - mean. */
import type { Metric } from '../define.ts';
import { mean } from '../statistics.ts';
import { ofGradients } from './sampleArithmetic.ts';

export const gradTailIndex: Metric = {
  card: {
    name: 'gradTailIndex',
    title: 'Tail index of the gradient noise',
    formula: '\\Bigl(\\frac{\\overline{\\log\\|Y_k\\|}-\\overline{\\log\\|X_i\\|}}{\\log K_1}\\Bigr)^{-1}',
    about:
      'Index of a stable law fitted to X = g_b - mean: about 2 for Gaussian noise, smaller for heavy tails. Y are sums of K₁ ≈ √B samples; one probe batch is a rough estimate.',
    source: 'Mohammadi, Mohammadpour and Ogata 2015; Gürbüzbalaban, Simsekli and Zhu 2021',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'linear',
  samples: ofGradients(tailIndex),
};

/** The estimator from inner products alone: those of the centred gradients, summed within blocks. */
function tailIndex(products: Float64Array): number {
  const n = Math.sqrt(products.length);
  const length = Math.floor(Math.sqrt(n)); // K₁
  const blocks = Math.floor(n / length);
  if (length < 2) return NaN;
  const rows = Array.from({ length: n }, (_, i) => mean(products.subarray(i * n, (i + 1) * n)));
  const all = mean(rows);
  const centred = (i: number, j: number) => products[i * n + j]! - rows[i]! - rows[j]! + all;
  const logs = { one: 0, block: 0 };
  for (let k = 0; k < blocks; k++) {
    let square = 0;
    for (let i = k * length; i < (k + 1) * length; i++) {
      logs.one += Math.log(centred(i, i)) / 2 / (blocks * length);
      for (let j = k * length; j < (k + 1) * length; j++) square += centred(i, j);
    }
    logs.block += Math.log(square) / 2 / blocks;
  }
  return Math.log(length) / (logs.block - logs.one);
}
