/** @file Variance of the samples’ gradients over the squared expected gradient, all layers. */
import type { Metric } from '../define.ts';
import { totalNoise } from './sampleArithmetic.ts';

export const gradNoiseScale: Metric = {
  card: {
    name: 'gradNoiseScale',
    title: 'Gradient noise scale',
    formula: '\\operatorname{tr}\\Sigma/\\bigl(\\|\\bar g\\|^2-\\tfrac1B\\operatorname{tr}\\Sigma\\bigr)',
    about:
      'Variance of the samples’ gradients over the squared expected gradient, all layers: the batch size at which noise and signal are equal. Both without bias from the B samples of the probe batch; infinite where they are too few to tell the gradient from noise.',
    source: 'McCandlish, Kaplan, Amodei and OpenAI Dota Team 2018',
  },
  fields: {},
  axes: [],
  cost: 'samples',
  scale: 'log',
  samples: ({ layers }) => {
    const { square, trace } = totalNoise(layers);
    return Float64Array.of(trace > 0 && square <= 0 ? Infinity : trace / square);
  },
};
