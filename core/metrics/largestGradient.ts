/** @file Largest entry, by size, of each kernel’s mean gradient over the probe batch. */
import type { Metric } from '../define.ts';
import { perLayer } from './moments.ts';

export const largestGradient: Metric = {
  card: {
    name: 'largestGradient',
    title: 'Largest gradient entry',
    formula: '\\max_{ij}|\\partial L/\\partial W_{\\ell,ij}|',
    about: 'Largest entry, by size, of each kernel’s mean gradient over the probe batch.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  samples: perLayer(({ input, delta }) => {
    if (!input || !delta) return NaN;
    let largest = 0;
    const rows = input.samples * input.positions;
    const row = new Float64Array(delta.size);
    for (let i = 0; i < input.size; i++) {
      row.fill(0);
      for (let b = 0; b < rows; b++)
        for (let j = 0; j < row.length; j++) row[j]! += input.values[b * input.size + i]! * delta.values[b * delta.size + j]!;
      for (const value of row) largest = Math.max(largest, Math.abs(value) / input.samples);
    }
    return largest;
  }),
};
