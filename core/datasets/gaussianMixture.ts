/** @file Gaussian classes around random means on a sphere. */
import type { Dataset } from '../define.ts';
import { evenLabels, fieldSizes, labelNoise, numbers, onSphere, relabel, sampleFields, split, standardize } from './standardized.ts';

export const gaussianMixture: Dataset = {
  card: {
    name: 'gaussianMixture',
    title: 'Gaussian mixture',
    formula: 'x = r\\,\\mu_y + \\sigma\\,\\xi,\\quad \\|\\mu_k\\| = \\sqrt d,\\ \\xi \\sim N(0, I_d)',
    about:
      'One Gaussian cloud per class around a random mean; standardized. Every class is as frequent as any other over both sets together.',
    source: 'definition',
  },
  fields: {
    classes: { type: 'integer', title: 'Classes', symbol: 'K', min: 2, max: 1000, default: 10 },
    inputs: { type: 'integer', title: 'Inputs', symbol: 'd', min: 1, max: 4096, default: 32 },
    radius: { type: 'number', title: 'Radius of the means', symbol: 'r', min: 0, max: 100, default: 1 },
    noise: { type: 'number', title: 'Noise', symbol: '\\sigma', min: 0, max: 100, default: 1 },
    labelNoise,
    ...sampleFields(2000, 1000),
  },
  targets: 'labels',
  sizes: fieldSizes,
  generate(rng, options) {
    const {
      classes,
      inputs: d,
      radius,
      noise,
      train,
      heldOut,
    } = numbers<'classes' | 'inputs' | 'radius' | 'noise' | 'train' | 'heldOut'>(options);
    const means = Array.from({ length: classes }, () => onSphere(rng, d, Math.sqrt(d)));
    const n = train + heldOut;
    const labels = evenLabels(rng, n, classes);
    const inputs = Float32Array.from(
      { length: n * d },
      (_, i) => radius * means[labels[Math.floor(i / d)]!]![i % d]! + noise * rng.normal(),
    );
    relabel(rng, labels, options, classes);
    return standardize(split({ inputs, labels, n, inputSize: d, outputSize: classes }, train));
  },
};
