/** @file What of the first layer's weights lies outside the span of the inputs only decays: descent never touches it. */
import type { Prediction } from '../define.ts';
import { offSpanShare, offSpanShareWithMomentum } from '../theory/equilibrium.ts';
import { clipsValues, hasRegularizer, isConstantRate, isSgdLike, isStandard, unmet } from './assumptions.ts';
import { decayOf } from './weightDecay.ts';

export const noiseDecay: Prediction = {
  card: {
    name: 'noiseDecay',
    title: 'Decay of the weight noise',
    formula: '\\|(I-P)W_t\\| = (1-\\eta\\lambda)^t\\,\\|(I-P)W_0\\|',
    about:
      'Of the first layer, whose inputs do not move: frozen without decay, falling with it; with momentum by the recursion of the heavy ball. Holds where the probe batch spans what the training data span.',
    source: 'Liu, Cui, Wan, Mao and Chan 2021',
  },
  fields: {},
  metric: 'weightNoiseNorm',
  symbol: '(1-ηλ)ᵗ',
  when: 'always',
  unmet: (plan) =>
    unmet(
      ['mlpChain', 'twoLayer', 'icChain'].includes(plan.spec.network.kind)
        ? null
        : `needs a dense first layer, the network is ${plan.spec.network.kind}`,
      plan.network.parameters[0]!.frozen ? 'needs a first layer that is trained, this one is frozen' : null,
      isSgdLike(plan),
      hasRegularizer(plan, 'none', 'l2', ...(plan.spec.optimizer.kind === 'momentum' ? [] : ['decoupledWeightDecay'])),
      isConstantRate(plan),
      clipsValues(plan),
      isStandard(plan),
    ),
  expect(plan, step, start) {
    if (!start) return null;
    const decay = decayOf(plan);
    const share = decay.momentum > 0 ? offSpanShareWithMomentum(decay, step) : offSpanShare(decay, step);
    return { value: plan.network.layers.map((_, i) => (i === 0 ? start[0]! * share : NaN)) };
  },
};
