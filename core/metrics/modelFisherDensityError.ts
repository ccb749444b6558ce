/** @file Standard error of each share of the model’s Fisher matrix over the random probes. Eigenvalues between two Ritz values count where those are: this is not in it. */
import type { Metric } from '../define.ts';

export const modelFisherDensityError: Metric = {
  card: {
    name: 'modelFisherDensityError',
    title: 'Standard error of the spectral density of the model’s Fisher matrix',
    formula: '\\mathrm{se}',
    about:
      'Standard error of each share of the model’s Fisher matrix over the random probes. Eigenvalues between two Ritz values count where those are: this is not in it.',
    source: 'definition',
  },
  fields: {},
  axes: ['bin'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  absent: 'the loss is no negative logarithm of a probability',
  instrument: ['fisher', 'density'],
  applies: ({ loss }) => loss.information !== undefined,
};
