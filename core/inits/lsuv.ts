/** @file Orthogonal, then scaled on the data: layer-sequential unit variance. */
import type { Init } from '../define.ts';
import { sizeOf } from '../graph/node.ts';
import { haar } from './haar.ts';

export const lsuv: Init = {
  card: {
    name: 'lsuv',
    title: 'LSUV',
    formula: 'W \\leftarrow W/\\sqrt{\\operatorname{Var}(h_\\ell)}',
    about: 'Orthogonal kernels, rescaled layer by layer until the pre-activations of a batch of the data have variance 1.',
    source: 'Mishkin and Matas 2016',
  },
  fields: {},
  draw: (rng, { shape }) => haar(rng, sizeOf(shape) / shape.at(-1)!, shape.at(-1)!),
  unitVariance: true,
};
