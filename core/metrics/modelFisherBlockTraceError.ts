/** @file Standard error of the layers’ traces of the model’s Fisher matrix over the random probes. */
import type { Metric } from '../define.ts';

export const modelFisherBlockTraceError: Metric = {
  card: {
    name: 'modelFisherBlockTraceError',
    title: 'Standard error of each block’s trace of the model’s Fisher matrix',
    formula: '\\mathrm{se}(\\mathrm{tr}\\,F_{\\ell\\ell})',
    about: 'Standard error of the layers’ traces of the model’s Fisher matrix over the random probes.',
    source: 'definition',
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
