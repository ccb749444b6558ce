/** @file A random orthogonal kernel times a gain: linear networks keep every norm exactly, at any depth. */
import type { Init } from '../define.ts';
import { sizeOf } from '../graph/node.ts';
import { gain } from './distributions.ts';
import { haar } from './haar.ts';

export const orthogonal: Init = {
  card: {
    name: 'orthogonal',
    title: 'Orthogonal',
    formula: 'W = gQ,\\quad Q^\\top Q = I',
    about: 'Linear networks keep the norm of every input at any depth; with ReLU take the gain √2.',
    source: 'Saxe, McClelland and Ganguli 2014',
  },
  fields: { gain },
  draw(rng, { shape }, options) {
    const fanOut = shape.at(-1)!;
    return haar(rng, sizeOf(shape) / fanOut, fanOut).map((value) => (options.gain as number) * value); // of a convolution: every place and channel
  },
};
