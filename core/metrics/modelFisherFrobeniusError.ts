/** @file Standard error of the Frobenius norm of the model’s Fisher matrix over the random probes. */
import type { Metric } from '../define.ts';

export const modelFisherFrobeniusError: Metric = {
  card: {
    name: 'modelFisherFrobeniusError',
    title: 'Standard error of the Frobenius norm of the model’s Fisher matrix',
    formula: '\\mathrm{se}(\\lVert F\\rVert_F)',
    about: 'Standard error of the Frobenius norm of the model’s Fisher matrix over the random probes.',
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
