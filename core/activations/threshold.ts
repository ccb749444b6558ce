/** @file A threshold, whose derivative is replaced by that of another function (straight-through estimators). */
import type { Activation } from '../define.ts';
import type { Builder } from '../graph/builder.ts';
import type { Node } from '../graph/node.ts';

/** Beyond it every choice has the derivative 0; float32 ends at 3.4e38. */
const largest = 1e30;

/** The functions whose derivative stands in: 1 everywhere, for x > 0, for 0 < x ≤ 1, for -1 < x ≤ 1. */
const stands = {
  identity: (g: Builder, x: Node): Node => x,
  relu: (g: Builder, x: Node) => g.relu(x),
  clippedRelu: (g: Builder, x: Node) => g.sub(g.relu(x), g.relu(g.sub(x, 1))),
  clippedIdentity: (g: Builder, x: Node) => g.sub(g.relu(g.add(x, 1)), g.relu(g.sub(x, 1))),
};

export const threshold: Activation = {
  card: {
    name: 'threshold',
    title: 'Threshold',
    formula: "\\mathbb 1[x > 0],\\quad \\partial \\to s'(x)",
    about:
      'Forward 0 or 1; backward the derivative of x, of ReLU, of ReLU cut off at 1, or of x cut off at ±1. The identity is the poor choice: what it makes of the gradient does not vanish at a local minimum.',
    source: 'Yin, Lyu, Zhang, Osher, Qi and Xin 2019',
  },
  fields: {
    backward: { type: 'choice', title: 'Derivative in place of 0', choices: Object.keys(stands), default: 'clippedRelu' },
  },
  apply(g, x, { backward }) {
    const bounded = g.where(g.greater(g.abs(x), largest), 0, x); // ∞ - ∞ below would be NaN
    const stand = stands[backward as keyof typeof stands](g, bounded);
    return g.add(g.step(x), g.sub(stand, g.stopGradient(stand))); // adds an exact 0
  },
  piecewiseLinear: false,
  switchesOff: true,
};
