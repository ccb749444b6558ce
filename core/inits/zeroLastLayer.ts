/** @file He, but for a readout of zeros. */
import type { Init } from '../define.ts';
import { sizeOf } from '../graph/node.ts';
import { distribution, drawWithVariance } from './distributions.ts';

export const zeroLastLayer: Init = {
  card: {
    name: 'zeroLastLayer',
    title: 'Zero last layer',
    formula: 'W_{L+1} = 0',
    about: 'He weights with a readout of 0: every output starts at 0, and the first step moves the readout alone.',
    source: 'our choice',
  },
  fields: { distribution },
  draw: (rng, request, options) =>
    request.kind === 'readout' ? new Float64Array(sizeOf(request.shape)) : drawWithVariance(rng, request.shape, 2 / request.fanIn, options),
};
