/** @file Points spread evenly over the unit sphere, with random signs to be memorized. */
import type { Dataset } from '../define.ts';
import { numbers, onSphere, randomSigns, sampleFields, split } from './standardized.ts';

export const sphere: Dataset = {
  card: {
    name: 'sphere',
    title: 'Sphere with random signs',
    formula: '\\|x_i\\| = 1,\\quad y_i = \\pm 1',
    about: 'Nothing to learn, only to memorize: how fast is ruled by the smallest eigenvalues of the Gram matrix, so by the dimension.',
    source: 'Panigrahi, Shetty and Goyal 2020',
  },
  fields: {
    inputs: { type: 'integer', title: 'Dimension', symbol: 'd', min: 2, max: 4096, default: 10 },
    ...sampleFields(50, 50),
  },
  targets: 'values',
  range: 'signs',
  sizes(options) {
    const { inputs, train, heldOut } = numbers<'inputs' | 'train' | 'heldOut'>(options);
    return { inputs, outputs: 1, train, heldOut };
  },
  generate(rng, options) {
    const { inputs: d, train, heldOut } = numbers<'inputs' | 'train' | 'heldOut'>(options);
    const n = train + heldOut;
    const inputs = new Float64Array(n * d);
    for (let i = 0; i < n; i++) inputs.set(onSphere(rng, d, 1), i * d);
    return split({ inputs, values: randomSigns(rng, n), n, inputSize: d, outputSize: 1 }, train);
  },
};
