/** @file Labels given by a random two-layer ReLU network: a rule that a student can learn. */
import type { Dataset } from '../define.ts';
import { fieldSizes, labelNoise, numbers, relabel, sampleFields, split } from './standardized.ts';
import { gaussianRows, product } from './teacher.ts';

export const teacherNetwork: Dataset = {
  card: {
    name: 'teacherNetwork',
    title: 'Teacher network',
    formula: 'y = \\arg\\max_k\\,(f_k(x) - \\bar f_k),\\quad f = V\\,\\mathrm{relu}(W x),\\ x \\sim N(0, I_d)',
    about:
      'Gaussian inputs, labelled by a fixed random network; its outputs are centred, so that no class is left out, but classes are not equally frequent.',
    source: 'Gardner and Derrida 1989',
  },
  fields: {
    classes: { type: 'integer', title: 'Classes', symbol: 'K', min: 2, max: 1000, default: 10 },
    inputs: { type: 'integer', title: 'Inputs', symbol: 'd', min: 1, max: 4096, default: 32 },
    width: { type: 'integer', title: 'Teacher width', min: 1, max: 4096, default: 64 },
    labelNoise,
    ...sampleFields(1500, 1000),
  },
  targets: 'labels',
  sizes: fieldSizes,
  generate(rng, options) {
    const { classes, inputs: d, width, train, heldOut } = numbers<'classes' | 'inputs' | 'width' | 'train' | 'heldOut'>(options);
    const [first, second] = [gaussianRows(rng, width, d), gaussianRows(rng, classes, width)];
    const n = train + heldOut;
    const inputs = Float32Array.from({ length: n * d }, () => rng.normal());
    const outputs = Array.from({ length: n }, (_, i) =>
      product(
        second,
        product(first, inputs.subarray(i * d, (i + 1) * d)).map((value) => Math.max(value, 0)),
      ),
    );
    const means = Float64Array.from({ length: classes }, (_, k) => outputs.reduce((sum, row) => sum + row[k]! / n, 0));
    const labels = Int32Array.from(outputs, (row) =>
      row.reduce((best, value, k) => (value - means[k]! > row[best]! - means[best]! ? k : best), 0),
    );
    relabel(rng, labels, options, classes);
    return split({ inputs, labels, n, inputSize: d, outputSize: classes }, train);
  },
};
