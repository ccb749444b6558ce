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
      'How far the residual stream is after each block from where it began, mean over the probe batch. Not a number for layers inside a branch, for those outside of the stream, and where its size has changed.',
    source: 'Marion, Fermanian, Biau and Vert 2025',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  absent: 'no layer lies in a residual branch',
  applies: ({ network: { layers } }) => layers.some(({ kind }) => kind === 'branch'),
  samples: ({ layers, start }) => {
    const began = start && samplesOf(start);
    return Float64Array.from(layers, ({ stream }) => {
      const rows = stream && samplesOf(stream);
      if (!began || rows?.[0]!.length !== began[0]!.length) return NaN;
      return mean(rows.map((x, b) => norm(x.map((value, j) => value - began[b]![j]!)) / norm(began[b]!)));
    });
  },
};
