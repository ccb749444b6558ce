/** @file Standard error of the trace of the model’s Fisher matrix over the random probes. */
import type { Metric } from '../define.ts';

export const modelFisherTraceError: Metric = {
  card: {
    name: 'modelFisherTraceError',
    title: 'Standard error of the model’s Fisher trace',
    formula: '\\mathrm{se}(\\mathrm{tr}\\,F)',
    about: 'Standard error of the trace of the model’s Fisher matrix over the random probes.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  absent: 'the loss is no negative logarithm of a probability',
  instrument: 'fisher',
  applies: ({ loss }) => loss.information !== undefined,
};
