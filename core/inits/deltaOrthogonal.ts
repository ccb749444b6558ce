/** @file Orthogonal at the middle of the window, zero around it. */
import type { Init } from '../define.ts';
import { sizeOf } from '../graph/node.ts';
import { centreOf, gain } from './distributions.ts';
import { haar } from './haar.ts';

export const deltaOrthogonal: Init = {
  card: {
    name: 'deltaOrthogonal',
    title: 'Delta-orthogonal',
    formula: 'W_{ij} = gQ\\,\\delta_{i,c}\\,\\delta_{j,c}',
    about: 'A convolution that is an orthogonal map at the middle of its window and 0 elsewhere; dense kernels are orthogonal.',
    source: 'Xiao, Bahri, Sohl-Dickstein, Schoenholz and Pennington 2018',
  },
  fields: { gain },
  draw(rng, { shape }, options) {
    const [channels, filters] = shape.slice(-2) as [number, number];
    const kernel = new Float64Array(sizeOf(shape));
    kernel.set(
      haar(rng, channels, filters).map((value) => (options.gain as number) * value),
      centreOf(shape) * channels * filters,
    );
    return kernel;
  },
};
