/** @file On the edge of chaos of the activation that the run uses. */
import type { Init } from '../define.ts';
import { sizeOf } from '../graph/node.ts';
import { criticalPoint } from './critical.ts';
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
  draw(rng, { shape, fanIn, activation }, { sigmaB }) {
    const point = criticalPoint(activation, sigmaB as number);
    if (!point) throw new RangeError(`this activation has no critical point with biases of deviation ${sigmaB as number}`);
    return drawWithVariance(rng, shape, point.variance / fanIn, { kind: 'normal', distribution: 'normal' });
  },
  fault({ activation, activationName, biased }, { sigmaB }) {
    if (activationName === 'threshold')
      return 'criticalGaussian needs the derivative of the activation, and that of threshold is another function’s';
    if ((sigmaB as number) > 0 && !biased)
      return `criticalGaussian: with biases of deviation sigmaB ${sigmaB as number} every layer needs a bias, and this network has layers without; set sigmaB to 0, or give them one`;
    if (criticalPoint(activation, sigmaB as number)) return null;
    return `criticalGaussian: with biases of deviation sigmaB ${sigmaB as number} no variance of pre-activations is both a fixed point and critical for ${activationName}; choose another sigmaB, activation or init`;
  },
  bias: (rng, { shape }, { sigmaB }) => Float64Array.from({ length: sizeOf(shape) }, () => (sigmaB as number) * rng.normal()),
};
