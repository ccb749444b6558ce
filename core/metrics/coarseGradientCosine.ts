/** @file How far the gradient that a straight-through estimator gives points along the true one. */
import { dot } from '../curvature/vectors.ts';
import type { Metric } from '../define.ts';
import { hasPopulationGradient } from '../programs/populationGradient.ts';

export const coarseGradientCosine: Metric = {
  card: {
    name: 'coarseGradientCosine',
    title: 'Cosine of coarse and true gradient',
    formula: '\\cos\\bigl(\\textstyle\\sum_i x_i \\tilde\\delta_i^\\top,\\ \\nabla_W\\, \\mathbb E\\, \\tfrac12 (f - f^*)^2\\bigr)',
    about:
      'Of the hidden kernel: the straight-through gradient on the probe batch against the closed form of the gradient of the expected loss. Below zero the estimator points uphill; a small probe batch blurs it.',
    source: 'Yin, Lyu, Zhang, Osher, Qi and Xin 2019',
  },
  fields: {},
  axes: [],
  cost: 'samples',
  scale: 'linear',
  absent: 'only two-layer networks of thresholds without biases have one, with the squared error on a teacher of thresholds',
  applies: hasPopulationGradient,
  samples({ layers: [hidden], populationGradient }) {
    const exact = populationGradient();
    if (!exact || !hidden?.input || !hidden.delta) return Float64Array.of(NaN);
    const coarse = new Float64Array(exact.length);
    const { samples, size: d, values: x } = hidden.input;
    const { size: m, values: delta } = hidden.delta;
    for (let i = 0; i < samples; i++)
      for (let row = 0; row < d; row++) for (let k = 0; k < m; k++) coarse[row * m + k]! += x[i * d + row]! * delta[i * m + k]!;
    return Float64Array.of(dot(coarse, exact) / Math.sqrt(dot(coarse, coarse) * dot(exact, exact)));
  },
};
