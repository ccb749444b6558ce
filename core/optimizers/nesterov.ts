/** @file Momentum that looks ahead: the gradient is added once more on top of the accumulated one. */
import type { Optimizer } from '../define.ts';
import { learningRate } from './learningRates.ts';

export const nesterov: Optimizer = {
  card: {
    name: 'nesterov',
    title: 'Nesterov momentum',
    formula: 'u \\leftarrow \\mu u + g,\\quad w \\leftarrow w - \\eta (g + \\mu u)',
    about: 'Momentum that looks ahead, in the form whose gradient is taken at the weights themselves. Unstable from 2(1+μ)/(η(1+2μ)) on.',
    source: 'Nesterov 1983; Sutskever, Martens, Dahl and Hinton 2013',
  },
  fields: {
    learningRate: learningRate(0.05),
    momentum: { type: 'number', title: 'Momentum', symbol: '\\mu', min: 0, max: 0.9999, default: 0.9 },
  },
  slots: ['momentum'],
  update(g, { gradient, learningRate: eta, slot }, { momentum }) {
    const u = g.add(g.mul(slot('momentum'), momentum as number), gradient);
    return { change: g.mul(g.add(gradient, g.mul(u, momentum as number)), g.neg(eta)), slots: { momentum: u } };
  },
};
