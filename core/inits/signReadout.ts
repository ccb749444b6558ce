/** @file Standard normal kernels and a readout of signs: the two-layer network of the theory of wide networks. */
import type { Init } from '../define.ts';
import { sizeOf } from '../graph/node.ts';

export const signReadout: Init = {
  card: {
    name: 'signReadout',
    title: 'Standard normal, signs at the readout',
    formula: 'w \\sim \\mathcal N(0, 1),\\qquad a = \\pm 1/\\sqrt{n_{in}}',
    about:
      'On inputs of length 1 the hidden units of a two-layer network see standard normals, and its Gram matrix is an average over them. Kernels do not shrink with the fan-in: not for deep networks.',
    source: 'Du, Zhai, Póczos and Singh 2019',
  },
  fields: {},
  draw: (rng, { shape, fanIn, kind }) =>
    Float64Array.from({ length: sizeOf(shape) }, kind === 'readout' ? () => rng.rademacher() / Math.sqrt(fanIn) : () => rng.normal()),
};
