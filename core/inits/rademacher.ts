/** @file Random signs of one size. */
import type { Init } from '../define.ts';
import { sizeOf } from '../graph/node.ts';

export const rademacher: Init = {
  card: {
    name: 'rademacher',
    title: 'Rademacher',
    formula: 'w = \\pm\\sqrt{v}',
    about: 'Signs alone: kurtosis 1, the least there is. The variance is that of the scheme named.',
    source: 'definition',
  },
  fields: {
    variance: {
      type: 'choice',
      title: 'Variance',
      choices: ['he', 'lecun', 'glorot'],
      default: 'he',
      about: '2/n_in, 1/n_in or 2/(n_in + n_out).',
    },
  },
  draw(rng, { shape, fanIn, fanOut }, { variance }) {
    const size = Math.sqrt(variance === 'he' ? 2 / fanIn : variance === 'lecun' ? 1 / fanIn : 2 / (fanIn + fanOut));
    return Float64Array.from({ length: sizeOf(shape) }, () => size * rng.rademacher());
  },
};
