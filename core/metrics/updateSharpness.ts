/** @file Curvature of the loss along the step that the optimizer took from these weights; at most the largest eigenvalue. */
import type { Metric } from '../define.ts';

export const updateSharpness: Metric = {
  card: {
    name: 'updateSharpness',
    title: 'Sharpness along the update',
    formula: 'u^\\top H u / \\lVert u\\rVert^2',
    about: 'Curvature of the loss along the step that the optimizer took from these weights; at most the largest eigenvalue.',
    source: 'definition',
  },
  fields: {},
  axes: [],
  cost: 'product',
  scale: 'symlog',
  procedure: 'curvature',
  instrument: 'directions',
};
