/** @file Weight decay beside the optimizer: the weights shrink by 1 - ηλ in each step, whatever the gradient. */
import type { Regularizer } from '../define.ts';
import { coefficient, dropoutShare, kernelsOnly } from './coefficients.ts';

export const decoupledWeightDecay: Regularizer = {
  card: {
    name: 'decoupledWeightDecay',
    title: 'Decoupled weight decay',
    formula: 'w \\leftarrow w + \\Delta w - \\eta\\lambda w',
    about: 'Applied beside the optimizer, so that Adam does not rescale it. Biases, scales and shifts are left alone.',
    source: 'Loshchilov and Hutter 2019',
  },
  fields: { coefficient, dropout: dropoutShare },
  dropout: ({ dropout }) => dropout as number,
  after: (g, { before, after, slots, learningRate }, options) => ({
    weights: g.sub(after, g.mul(before, g.mul(learningRate, options.coefficient as number))),
    slots,
  }),
  treatment: kernelsOnly,
};
