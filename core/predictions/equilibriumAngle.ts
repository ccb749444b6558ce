/** @file Under weight decay the weights in front of a normalization end up turning by the same angle every step. */
import type { Prediction } from '../define.ts';
import { equilibriumAngle as angle } from '../theory/equilibrium.ts';
import { decayOf, equilibriumFaults } from './weightDecay.ts';

export const equilibriumAngle: Prediction = {
  card: {
    name: 'equilibriumAngle',
    title: 'Angle in equilibrium under weight decay',
    formula: '\\angle = \\sqrt{\\frac{2\\eta\\lambda}{1+\\mu}}',
    about:
      'Reached after some 1/(4ηλ) steps, (1-μ) times that with momentum, whatever the size of the gradient, as long as there is one that keeps changing direction.',
    source: 'Wan, Zhu, Zhang and Sun 2021; Liu, Cui, Wan, Mao and Chan 2021',
  },
  fields: {},
  metric: 'weightAngle',
  symbol: '√(2ηλ/(1+μ))',
  when: 'always',
  unmet: equilibriumFaults,
  expect(plan) {
    const value = angle(decayOf(plan));
    return { value: plan.network.layers.map(({ scaleInvariant }) => (scaleInvariant === false ? NaN : value)) };
  },
};
