/** @file Uniform within one over the root of the inputs, for weights and biases alike. */
import type { Init } from '../define.ts';
import { sizeOf } from '../graph/node.ts';
import type { Rng } from '../rng.ts';

const uniform = (rng: Rng, length: number, fanIn: number) =>
  Float64Array.from({ length }, () => (2 * rng.uniform() - 1) / Math.sqrt(fanIn));

export const frameworkDefault: Init = {
  card: {
    name: 'frameworkDefault',
    title: 'Framework default',
    formula: 'w, b \\sim \\mathcal U(\\pm 1/\\sqrt{n_{in}})',
    about:
      'What common frameworks take when nothing is said, biases too: variance 1/(3 n), so a deep ReLU chain loses a factor 6 a layer in its square.',
    source: 'definition',
  },
  fields: {},
  draw: (rng, { shape, fanIn }) => uniform(rng, sizeOf(shape), fanIn),
  bias: (rng, { shape, fanIn }) => uniform(rng, sizeOf(shape), fanIn),
};
