/** @file Values given by a random two-layer network of chosen width, for a student that can represent it. */
import type { Dataset } from '../define.ts';
import { numbers, randomSigns, sampleFields, split } from './standardized.ts';
import { gaussianRows, product } from './teacher.ts';

const functions: Readonly<Record<string, (z: number) => number>> = {
  quadratic: (z) => z * z,
  relu: (z) => Math.max(z, 0),
  tanh: Math.tanh,
  linear: (z) => z,
  threshold: (z) => (z > 0 ? 1 : 0),
};

export const teacherStudent: Dataset = {
  card: {
    name: 'teacherStudent',
    title: 'Teacher and student',
    formula: 'y = \\sum_{k=1}^{m^*} a_k\\,\\varphi(w_k \\cdot x),\\quad x \\sim N(0, I_d),\\ w_k \\sim N(0, I_d/d)',
    about:
      'Regression on a hidden network of width m*. A quadratic student without biases needs about (m* + 1)d - m*(m* + 1)/2 samples. Held-out values carry no noise.',
    source: 'Sarao Mannelli, Vanden-Eijnden and Zdeborová 2020',
  },
  fields: {
    inputs: { type: 'integer', title: 'Inputs', symbol: 'd', min: 1, max: 4096, default: 20 },
    width: { type: 'integer', title: 'Teacher width', symbol: 'm^*', min: 1, max: 4096, default: 1 },
    teacher: { type: 'choice', title: 'Teacher’s activation', symbol: '\\varphi', choices: Object.keys(functions), default: 'quadratic' },
    readout: {
      type: 'choice',
      title: 'Teacher’s readout',
      symbol: 'a_k',
      choices: ['mean', 'signs'],
      default: 'mean',
      about: 'Mean: every a is 1/m*. Signs: random ±1/√m*.',
    },
    noise: { type: 'number', title: 'Noise on the training values', symbol: '\\sigma', min: 0, max: 100, default: 0 },
    ...sampleFields(500, 500),
  },
  targets: 'values',
  sizes(options) {
    const { inputs, train, heldOut } = numbers<'inputs' | 'train' | 'heldOut'>(options);
    return { inputs, outputs: 1, train, heldOut };
  },
  generate(rng, options) {
    const { inputs: d, width, noise, train, heldOut } = numbers<'inputs' | 'width' | 'noise' | 'train' | 'heldOut'>(options);
    const apply = functions[options.teacher as string]!;
    const weights = gaussianRows(rng, width, d);
    const signs = randomSigns(rng, width);
    const readout = options.readout === 'mean' ? signs.map(() => 1 / width) : signs.map((sign) => sign / Math.sqrt(width));
    const n = train + heldOut;
    const inputs = Float64Array.from({ length: n * d }, () => rng.normal());
    const values = Float64Array.from({ length: n }, (_, i) =>
      product(weights, inputs.subarray(i * d, (i + 1) * d)).reduce((sum, z, k) => sum + readout[k]! * apply(z), 0),
    );
    for (let i = 0; i < train; i++) values[i]! += noise * rng.normal();
    const teacher = { activation: options.teacher as string, weights, readout };
    return split({ inputs, values, n, inputSize: d, outputSize: 1, teacher }, train);
  },
};
