/** @file Mean squared norm of the examples’ gradients over targets that the model draws, estimated from random probes. */
import type { Metric } from '../define.ts';

export const modelFisherTrace: Metric = {
  card: {
    name: 'modelFisherTrace',
    title: 'Trace of the model’s Fisher matrix',
    formula: '\\tfrac1B\\sum_n \\mathbb E_{y\\sim p(\\cdot|x_n)} \\lVert g_n(y)\\rVert^2',
    about: 'Mean squared norm of the examples’ gradients over targets that the model draws, estimated from random probes.',
    source: 'Hutchinson 1990',
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
