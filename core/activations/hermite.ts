/** @file Normalized Hermite polynomials, orthonormal under the Gaussian law of pre-activations. */
import type { Activation } from '../define.ts';

export const hermite: Activation = {
  card: {
    name: 'hermite',
    title: 'Hermite polynomial',
    formula: 'h_k(x) = \\mathit{He}_k(x)/\\sqrt{k!}',
    about: 'Orthonormal for Gaussian pre-activations: a network of one degree sees exactly one power of the data’s correlations.',
    source: 'definition',
  },
  fields: { degree: { type: 'integer', title: 'Degree', symbol: 'k', min: 1, max: 12, default: 2 } },
  apply(g, x, { degree }) {
    // √(k+1) h_{k+1} = x h_k - √k h_{k-1}
    let [before, now] = [g.constant(1, x.shape), x];
    for (let k = 1; k < (degree as number); k++)
      [before, now] = [now, g.mul(g.sub(g.mul(x, now), g.mul(before, Math.sqrt(k))), 1 / Math.sqrt(k + 1))];
    return now;
  },
  piecewiseLinear: false,
};
