/** @file Equally spaced points on half of the unit circle, with random signs: the hardest case of two dimensions, without near duplicates. */
import type { Dataset } from '../define.ts';
import { numbers, randomSigns, sampleFields, split } from './standardized.ts';

export const halfCircle: Dataset = {
  card: {
    name: 'halfCircle',
    title: 'Half circle with random signs',
    formula: 'x_i = (\\cos\\theta_i, \\sin\\theta_i),\\ \\theta_i = \\pi (i + \\tfrac12)/n,\\quad y_i = \\pm 1',
    about:
      'Spacing is fixed, so the smallest eigenvalue of the Gram matrix has a law: 1/(4n) for ReLU, exponential in n for smooth activations. Held-out angles are random.',
    source: 'our choice, after Panigrahi, Shetty and Goyal 2020',
  },
  fields: sampleFields(24, 24),
  targets: 'values',
  range: 'signs',
  sizes(options) {
    const { train, heldOut } = numbers<'train' | 'heldOut'>(options);
    return { inputs: 2, outputs: 1, train, heldOut };
  },
  generate(rng, options) {
    const { train, heldOut } = numbers<'train' | 'heldOut'>(options);
    const n = train + heldOut;
    const angles = Float64Array.from({ length: n }, (_, i) => Math.PI * (i < train ? (i + 0.5) / train : rng.uniform()));
    const inputs = Float64Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? Math.cos : Math.sin)(angles[i >> 1]!));
    return split({ inputs, values: randomSigns(rng, n), n, inputSize: 2, outputSize: 1 }, train);
  },
};
