/** @file Share of units and samples of the probe batch whose activation function has a slope below 0.01. */
import type { Metric } from '../define.ts';
import { mean } from '../statistics.ts';
import { perLayer } from './moments.ts';

export const saturatedFraction: Metric = {
  card: {
    name: 'saturatedFraction',
    title: 'Saturated activations',
    formula: '\\Pr(|\\phi^{\\prime}(z)| < 0.01)',
    about:
      'Share of units and samples of the probe batch whose activation function has a slope below 0.01: no gradient passes there. Not a number for layers without an activation.',
    source: 'our choice',
  },
  fields: {},
  axes: ['layer'],
  cost: 'samples',
  scale: 'linear',
  samples: perLayer(({ slope }) =>
    slope ? mean(slope.values.map((value) => (Number.isNaN(value) ? NaN : Number(Math.abs(value) < 0.01)))) : NaN,
  ),
};
