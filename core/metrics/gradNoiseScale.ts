/** @file Variance of the samples’ gradients over the squared mean gradient, all layers. */
import type { Metric } from '../define.ts';
import { totalNoise } from './sampleArithmetic.ts';

export const gradNoiseScale: Metric = {
  card: {
    name: 'gradNoiseScale',
    title: 'Gradient noise scale',
    formula: '\\operatorname{tr}\\Sigma/\\|\\bar g\\|^2',
    about:
      'Variance of the samples’ gradients over the squared mean gradient, all layers: the batch size at which noise and signal are equal.',
    source: 'McCandlish, Kaplan, Amodei and OpenAI Dota Team 2018',
  },
  fields: {},
  axes: [],
  cost: 'samples',
  scale: 'log',
  samples: ({ layers }) => {
    const { square, trace } = totalNoise(layers);
    return Float64Array.of(trace / square);
  },
};
