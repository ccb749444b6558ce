/** @file A Chebyshev polynomial on an even grid: small enough for full-batch descent to its edge of stability. */
import type { Dataset } from '../define.ts';
import { numbers, sampleFields, split } from './standardized.ts';

export const chebyshev: Dataset = {
  card: {
    name: 'chebyshev',
    title: 'Chebyshev polynomial',
    formula: 'y_i = T_k(x_i) = \\cos(k \\arccos x_i),\\quad x_i = -1 + \\tfrac{2i}{n-1}',
    about: 'Regression in one dimension on an even grid of [-1, 1]. Held-out points are random and carry no noise.',
    source: 'Cohen, Kaur, Li, Kolter and Talwalkar 2021',
  },
  fields: {
    degree: { type: 'integer', title: 'Degree', symbol: 'k', min: 1, max: 100, default: 4 },
    noise: { type: 'number', title: 'Noise on the training values', symbol: '\\sigma', min: 0, max: 100, default: 0 },
    ...sampleFields(20, 200),
  },
  targets: 'values',
  sizes(options) {
    const { train, heldOut } = numbers<'train' | 'heldOut'>(options);
    return { inputs: 1, outputs: 1, train, heldOut };
  },
  generate(rng, options) {
    const { degree, noise, train, heldOut } = numbers<'degree' | 'noise' | 'train' | 'heldOut'>(options);
    const n = train + heldOut;
    const inputs = Float64Array.from({ length: n }, (_, i) => (i < train ? (2 * i) / (train - 1) : 2 * rng.uniform()) - 1);
    const values = inputs.map((x, i) => Math.cos(degree * Math.acos(x)) + (i < train ? noise * rng.normal() : 0));
    return split({ inputs, values, n, inputSize: 1, outputSize: 1 }, train);
  },
};
