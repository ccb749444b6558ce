/** @file With which probability a training step takes the block that ends with a layer; 0 once it is pruned. */
import type { Metric } from '../define.ts';
import { isLogit } from '../networkPlan.ts';
import { perLayer } from './moments.ts';

export const survivalProbability: Metric = {
  card: {
    name: 'survivalProbability',
    title: 'Survival probability',
    formula: '\\pi_\\ell = \\frac{1}{1 + e^{-s_\\ell}},\\quad 0\\ \\text{below}\\ 0.05',
    about: 'With which a training step takes the block that ends with the layer, 0 once it is pruned; not a number for the others.',
    source: 'Huang, Sun, Liu, Sedra and Weinberger 2016; pruning: Guenter and Sideris 2024',
  },
  fields: {},
  axes: ['layer'],
  cost: 'weights',
  scale: 'linear',
  absent: 'no block is left out by chance',
  applies: ({ network: { parameters } }) => parameters.some(isLogit),
  weights: perLayer(({ survival }) => survival ?? NaN),
};
