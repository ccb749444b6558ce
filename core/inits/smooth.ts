/** @file Weights that vary smoothly, or roughly, from layer to layer. */
import type { Init, InitRequest } from '../define.ts';
import { sizeOf } from '../graph/node.ts';
import { drawWithVariance } from './distributions.ts';
import { correlated, pathFactor } from './paths.ts';

export const smooth: Init = {
  card: {
    name: 'smooth',
    title: 'Smooth over depth',
    formula: 'W_k = \\frac{1}{\\sqrt{n}} \\dot{\\mathcal W}_{k/L}',
    about:
      'Each weight follows a random path over the layers whose kernels have one shape and place, such as the blocks of a residual network: increments of a smooth Gaussian process or of fractional Brownian motion. Other kernels are uniform of variance 1/n.',
    source: 'Marion, Fermanian, Biau and Vert 2025',
  },
  fields: {
    law: {
      type: 'choice',
      title: 'Path',
      choices: ['rbf', 'fractional', 'independent'],
      default: 'rbf',
      about: 'Normalized increments of a process with Gaussian kernel, of fractional Brownian motion, or independent.',
    },
    kernelVariance: {
      type: 'number',
      title: 'Kernel variance',
      symbol: '\\ell^2',
      min: 1e-4,
      max: 10,
      default: 0.01,
      log: true,
      about: 'Of the Gaussian kernel exp(-(s-t)²/2ℓ²) on depth 0 to 1.',
    },
    hurst: {
      type: 'number',
      title: 'Hurst index',
      symbol: 'H',
      min: 0.02,
      max: 0.98,
      default: 0.5,
      about: 'Of fractional Brownian motion: ½ is independent, towards 1 is smooth.',
    },
  },
  draw: (rng, { shape, fanIn }) => drawWithVariance(rng, shape, 1 / fanIn, { kind: 'uniform', distribution: 'uniform' }),
  drawSeries(rng, requests, { law, kernelVariance, hurst }) {
    const [{ shape, fanIn }] = requests as [InitRequest];
    const factor = pathFactor(
      requests.length,
      law === 'rbf' ? { kernelVariance: kernelVariance as number } : { hurst: law === 'independent' ? 0.5 : (hurst as number) },
    );
    const kernels = requests.map(() => new Float64Array(sizeOf(shape)));
    for (let at = 0; at < sizeOf(shape); at++) {
      const path = correlated(rng, factor);
      kernels.forEach((kernel, k) => (kernel[at] = path[k]! / Math.sqrt(fanIn)));
    }
    return kernels;
  },
  fault: ({ repeats }) =>
    repeats > 1
      ? null
      : 'smooth ties the weights of layers of one shape that follow each other, and this network has no two of them; take more depth, or another init',
};
