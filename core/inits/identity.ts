/** @file The identity matrix times a gain. */
import type { Init } from '../define.ts';
import { sizeOf } from '../graph/node.ts';
import { centreOf, gain } from './distributions.ts';

export const identity: Init = {
  card: {
    name: 'identity',
    title: 'Identity',
    formula: 'W = gI',
    about:
      'The identity as far as the shape allows: the network starts as φ applied again and again. Convolutions pass their middle pixel on.',
    source: 'Le, Jaitly and Hinton 2015',
  },
  fields: { gain },
  draw(_, { shape }, options) {
    const [rows, columns] = shape.slice(-2) as [number, number];
    const kernel = new Float64Array(sizeOf(shape));
    for (let i = 0; i < Math.min(rows, columns); i++) kernel[(centreOf(shape) * rows + i) * columns + i] = options.gain as number;
    return kernel;
  },
};
