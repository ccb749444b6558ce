/** @file Arms of a spiral, one class each: two dimensions that no narrow or linear network separates. */
import type { Dataset } from '../define.ts';
import { evenLabels, labelNoise, numbers, relabel, sampleFields, split, standardize } from './standardized.ts';

export const spirals: Dataset = {
  card: {
    name: 'spirals',
    title: 'Spirals',
    formula: 'x = t\\,(\\cos\\theta, \\sin\\theta) + \\sigma\\,\\xi,\\quad \\theta = 2\\pi(R\\,t + y/K),\\ t \\sim U[0.1, 1]',
    about: 'One arm per class, wound around the middle; more turns make the boundary longer. Standardized.',
    source: 'Lang and Witbrock 1988',
  },
  fields: {
    classes: { type: 'integer', title: 'Arms', symbol: 'K', min: 2, max: 20, default: 2 },
    turns: { type: 'number', title: 'Turns', symbol: 'R', min: 0, max: 20, default: 1.5 },
    noise: { type: 'number', title: 'Noise', symbol: '\\sigma', min: 0, max: 10, default: 0.02 },
    labelNoise,
    ...sampleFields(1000, 500),
  },
  targets: 'labels',
  sizes(options) {
    const { classes, train, heldOut } = numbers<'classes' | 'train' | 'heldOut'>(options);
    return { inputs: 2, outputs: classes, train, heldOut };
  },
  generate(rng, options) {
    const { classes, turns, noise, train, heldOut } = numbers<'classes' | 'turns' | 'noise' | 'train' | 'heldOut'>(options);
    const n = train + heldOut;
    const labels = evenLabels(rng, n, classes);
    const inputs = new Float64Array(2 * n);
    labels.forEach((y, i) => {
      const t = 0.1 + 0.9 * rng.uniform();
      const angle = 2 * Math.PI * (turns * t + y / classes);
      inputs.set([t * Math.cos(angle) + noise * rng.normal(), t * Math.sin(angle) + noise * rng.normal()], 2 * i);
    });
    relabel(rng, labels, options, classes);
    return standardize(split({ inputs, labels, n, inputSize: 2, outputSize: classes }, train));
  },
};
