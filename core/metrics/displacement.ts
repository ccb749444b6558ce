/** @file How far the residual stream is after each block from where it began, mean over the probe batch. */
import type { Metric } from '../define.ts';
import { mean } from '../statistics.ts';
import { norm } from './moments.ts';
import { samplesOf } from './sampleArithmetic.ts';

export const displacement: Metric = {
  card: {
    name: 'displacement',
    title: 'Displacement along the stream',
    formula: '\\overline{\\|h_k-h_0\\|/\\|h_0\\|}',
    about:
      'How far the residual stream is after each block from where it began, mean over the probe batch. Not a number for layers inside a branch or of another size.',
    source: 'Marion, Fermanian, Biau and Vert 2025',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  absent: 'no layer lies in a residual branch',
  applies: ({ network: { layers } }) => layers.some(({ kind }) => kind === 'branch'),
  samples: ({ layers }) => {
    const start = samplesOf(layers[0]!.activation);
    return Float64Array.from(layers, ({ activation, slope, readout }) => {
      const rows = samplesOf(activation);
      if (slope || readout || rows[0]!.length !== start[0]!.length) return NaN;
      return mean(rows.map((x, b) => norm(x.map((value, j) => value - start[b]![j]!)) / norm(start[b]!)));
    });
  },
};
