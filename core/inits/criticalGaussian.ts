/** @file On the edge of chaos of the activation that the run uses. */
import type { Init } from '../define.ts';
import { sizeOf } from '../graph/node.ts';
import { criticalWeightVariance } from './critical.ts';
import { drawWithVariance } from './distributions.ts';

export const criticalGaussian: Init = {
  card: {
    name: 'criticalGaussian',
    title: 'Critical Gaussian',
    formula:
      "\\sigma_w^2\\, \\mathbb E\\,\\phi'(\\sqrt q z)^2 = 1,\\quad q = \\sigma_w^2\\, \\mathbb E\\,\\phi(\\sqrt q z)^2 + \\sigma_b^2",
    about:
      'Weights σ_w/√n and biases σ_b on the edge of chaos of the run’s own activation: correlations neither collapse nor spread at an exponential rate.',
    source: 'Poole, Lahiri, Raghu, Sohl-Dickstein and Ganguli 2016',
  },
  fields: {
    sigmaB: { type: 'number', title: 'Deviation of the biases', symbol: '\\sigma_b', min: 0, max: 10, default: 0 },
  },
  draw: (rng, { shape, fanIn, activation }, { sigmaB }) =>
    drawWithVariance(rng, shape, criticalWeightVariance(activation, sigmaB as number).variance / fanIn, {
      kind: 'normal',
      distribution: 'normal',
    }),
  bias: (rng, { shape }, { sigmaB }) => Float64Array.from({ length: sizeOf(shape) }, () => (sigmaB as number) * rng.normal()),
};
