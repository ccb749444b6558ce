/** @file Mean squared norm of each layer’s share of the examples’ gradients over targets that the model draws, from the same probes as the trace of the whole. */
import type { Metric } from '../define.ts';

export const modelFisherBlockTrace: Metric = {
  card: {
    name: 'modelFisherBlockTrace',
    title: 'Trace of each layer’s block of the model’s Fisher matrix',
    formula: '\\operatorname{tr} F_{\\ell\\ell}',
    about:
      'Mean squared norm of each layer’s share of the examples’ gradients over targets that the model draws, from the same probes as the trace of the whole.',
    source: 'Hutchinson 1990',
  },
  fields: {},
  axes: ['layer'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  absent: 'the loss is no negative logarithm of a probability',
  instrument: 'fisher',
  applies: ({ loss }) => loss.information !== undefined,
};
