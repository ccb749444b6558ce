/** @file The derivative of the loss by the residual stream after each block over that after the last one. */
import type { Metric } from '../define.ts';
import { norm } from './moments.ts';

export const streamGradientRatio: Metric = {
  card: {
    name: 'streamGradientRatio',
    title: 'Gradient along the stream',
    formula: '\\|p_k\\|/\\|p_L\\|,\\quad p_k=\\partial L/\\partial h_k',
    about:
      'The derivative of the loss by the residual stream after each block over that after the last one, on the probe batch: 1 all the way down where nothing vanishes or explodes. Not a number for layers inside a branch and for those outside of the stream.',
    source: 'Marion, Fermanian, Biau and Vert 2025',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'log',
  absent: 'no layer lies in a residual branch',
  applies: ({ network: { layers } }) => layers.some(({ kind }) => kind === 'branch'),
  samples: ({ layers }) => {
    const norms = Float64Array.from(layers, ({ streamDelta }) => (streamDelta ? norm(streamDelta.values) : NaN));
    const last = norms.findLast((_, layer) => layers[layer]!.streamDelta !== null) ?? NaN;
    return norms.map((value) => value / last);
  },
};
