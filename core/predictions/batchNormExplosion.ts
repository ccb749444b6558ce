/** @file Batch normalization in a deep ReLU chain: derivatives grow by 1.21 per layer on their way down. */
import type { Prediction } from '../define.ts';
import { mean } from '../statistics.ts';
import { batchNormExplosion as factor } from '../theory/depthLaws.ts';
import { hasActivation, hasNormalization, isChain, isStandard, unmet, withoutDropout } from './assumptions.ts';

export const batchNormExplosion: Prediction = {
  card: {
    name: 'batchNormExplosion',
    title: 'Explosion through batch normalization',
    formula:
      '\\Bigl\\|\\frac{\\partial L}{\\partial W_\\ell}\\Bigr\\| \\sim \\Bigl(\\tfrac{\\pi}{\\pi-1}\\Bigr)^{(L-\\ell)/2},\\quad 1 < \\ell \\le L',
    about:
      'Gradients of hidden kernels grow by √(π/(π-1)) = 1.21 per layer downwards at initialization, with large batches and wide layers. The level is the geometric mean of the measured ones.',
    source: 'Yang, Pennington, Rao, Sohl-Dickstein and Schoenholz 2019',
  },
  fields: {},
  metric: 'gradNorm',
  symbol: '1.21^(L-ℓ)',
  when: 'start',
  unmet: (plan) =>
    unmet(isChain(plan), hasNormalization(plan, 'batchNorm'), hasActivation(plan, 'relu'), isStandard(plan), withoutDropout(plan)),
  expect({ spec: { network }, network: { layers } }, _, start) {
    const depth = Number(network.depth);
    const hidden = start?.slice(1, depth).filter((value) => value > 0) ?? [];
    if (hidden.length === 0) return null;
    const level = Math.exp(mean(hidden.map(Math.log)));
    const middle = depth / 2; // of the layers 1 to depth - 1, counted from 0
    return { value: layers.map((_, i) => (i > 0 && i < depth ? level * factor ** (middle - i) : NaN)) };
  },
};
