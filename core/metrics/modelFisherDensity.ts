/** @file Share of the eigenvalues in fixed bins, 8 to a decade of magnitude, by stochastic Lanczos quadrature over random probes; what rounding cannot tell from 0 counts as 0. Over targets that the model draws; for these losses it is Gauss-Newton’s in exact arithmetic. */
import type { Metric } from '../define.ts';

export const modelFisherDensity: Metric = {
  card: {
    name: 'modelFisherDensity',
    title: 'Spectral density of the model’s Fisher matrix',
    formula: '\\tfrac1P\\#\\{\\lambda_i \\in \\text{bin}\\}',
    about:
      'Share of the eigenvalues in fixed bins, 8 to a decade of magnitude, by stochastic Lanczos quadrature over random probes; what rounding cannot tell from 0 counts as 0. Over targets that the model draws; for these losses it is Gauss-Newton’s in exact arithmetic.',
    source: 'Ghorbani, Krishnan and Xiao 2019',
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
