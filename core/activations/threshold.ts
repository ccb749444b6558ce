/** @file A threshold, whose derivative is replaced by that of another function (straight-through estimators). */
import type { Activation } from '../define.ts';

export const threshold: Activation = {
  card: {
    name: 'threshold',
    title: 'Threshold',
    formula: "\\mathbb 1[x > 0],\\quad \\partial \\to s'(x)",
    about:
      'Forward 0 or 1; backward the derivative of x, ReLU or ReLU cut off at 1. The identity is the poor choice: it is no descent direction.',
    source: 'Yin, Lyu, Zhang, Osher, Qi and Xin 2019',
  },
  fields: {
    backward: { type: 'choice', title: 'Derivative in place of 0', choices: ['identity', 'relu', 'clippedRelu'], default: 'clippedRelu' },
  },
  apply(g, x, { backward }) {
    const stand = backward === 'identity' ? x : backward === 'relu' ? g.relu(x) : g.sub(g.relu(x), g.relu(g.sub(x, 1)));
    return g.add(g.step(x), g.sub(stand, g.stopGradient(stand))); // adds an exact 0
  },
  piecewiseLinear: false,
};
