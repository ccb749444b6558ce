/** @file Steps of one size: the sign of the gradient in every coordinate. */
import type { Optimizer } from '../define.ts';
import { learningRate } from './learningRates.ts';

export const signSgd: Optimizer = {
  card: {
    name: 'signSgd',
    title: 'signSGD',
    formula: 'w \\leftarrow w - \\eta \\operatorname{sign}(g)',
    about: 'Every coordinate moves by η, towards the side its gradient points from; what Adam and RMSprop come down to without memory.',
    source: 'Bernstein, Wang, Azizzadenesheli and Anandkumar 2018',
  },
  fields: { learningRate: learningRate(0.001) },
  slots: [],
  gradientPower: 0,
  update: (g, { gradient, learningRate: eta }) => ({ change: g.mul(g.sign(gradient), g.neg(eta)), slots: {} }),
};
