/** @file How many residual blocks a training step takes on average: the sum of the survival probabilities, without pruned blocks. */
import type { Metric } from '../define.ts';
import { isLogit } from '../networkPlan.ts';

export const expectedDepth: Metric = {
  card: {
    name: 'expectedDepth',
    title: 'Expected depth',
    formula: '\\textstyle\\sum_\\ell \\pi_\\ell',
    about: 'How many residual blocks a training step takes on average; pruned ones count 0.',
    source: 'Huang, Sun, Liu, Sedra and Weinberger 2016; Guenter and Sideris 2024',
    unit: 'blocks',
  },
  fields: {},
  axes: [],
  cost: 'weights',
  scale: 'linear',
  absent: 'no block is left out by chance',
  applies: ({ network: { parameters } }) => parameters.some(isLogit),
  weights: ({ layers }) => Float64Array.of(layers.reduce((sum, { survival }) => sum + (survival ?? 0), 0)),
};
