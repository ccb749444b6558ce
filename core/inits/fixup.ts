/** @file Residual branches that start at zero and grow at a rate that does not depend on their number. */
import type { Init } from '../define.ts';
import { sizeOf } from '../graph/node.ts';
import { distribution, drawWithVariance } from './distributions.ts';

export const fixup: Init = {
  card: {
    name: 'fixup',
    title: 'Fixup',
    formula: 'W_{1 \\dots M-1} \\leftarrow N^{-1/(2M-2)} W,\\quad W_M = 0',
    about:
      'For residual networks without normalization: of the M kernels of each of N branches the last is 0 and the others are He, made smaller; the readout is 0. Its authors train it with the scalars of the residual networks.',
    source: 'Zhang, Dauphin and Ma 2019',
  },
  fields: { distribution },
  draw(rng, { shape, fanIn, kind, branch }, options) {
    if (kind === 'readout' || (branch && branch.index === branch.of - 1)) return new Float64Array(sizeOf(shape));
    const scale = branch ? branch.blocks ** (-1 / (2 * branch.of - 2)) : 1;
    return drawWithVariance(rng, shape, (2 / fanIn) * scale ** 2, options);
  },
};
