/** @file Curvature of the loss along its gradient on the curvature batch; at most the largest eigenvalue. */
import type { Metric } from '../define.ts';

export const gradientSharpness: Metric = {
  card: {
    name: 'gradientSharpness',
    title: 'Sharpness along the gradient',
    formula: 'g^\\top H g / \\lVert g\\rVert^2',
    about: 'Curvature of the loss along its gradient on the curvature batch; at most the largest eigenvalue.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'symlog',
  procedure: 'curvature',
  instrument: 'directions',
};
