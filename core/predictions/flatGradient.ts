/** @file The gradients of a chain's hidden kernels have one typical size at initialization: what shrinks forwards has not yet shrunk backwards. */
import type { Prediction } from '../define.ts';
import { mean } from '../statistics.ts';
import { chainFaults, chainLawOf, deviations } from './chainLaws.ts';

export const flatGradient: Prediction = {
  card: {
    name: 'flatGradient',
    title: 'Gradients flat across depth',
    formula: '\\log\\|\\partial L/\\partial W_k\\| \\sim \\text{the same law for every } 1 < k \\le L',
    about:
      'The norm of a layer’s gradient is forward times backward norm, and their exponents add up to L - 1 whatever the layer: vanishing is of all layers at once. The level is the geometric mean of the measured ones.',
    source: 'Orvieto, Kohler, Pavllo, Hofmann and Lucchi 2022; derived here',
  },
  fields: {},
  metric: 'gradNorm',
  symbol: 'flat',
  when: 'start',
  unmet: chainFaults,
  expect(plan, _, start) {
    const { law, depth } = chainLawOf(plan);
    const hidden = start?.slice(1, depth).filter((value) => value > 0) ?? [];
    if (hidden.length === 0) return null;
    const level = Math.exp(mean(hidden.map(Math.log)));
    const at = (sign: number) =>
      plan.network.layers.map((_, i) =>
        i > 0 && i < depth ? level * Math.exp((sign * deviations * Math.sqrt((depth - 1) * law.variance)) / 2) : NaN,
      );
    return { value: at(0), low: at(-1), high: at(1) };
  },
};
