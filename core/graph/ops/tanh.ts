/** @file tanh, elementwise. */
import type { Node, Op } from '../node.ts';
import { mapValues, sameType } from '../elementwise.ts';

export const tanh: Op<[x: Node]> = {
  name: 'tanh',
  build: (g, x) => g.node('tanh', [x]),
  infer: sameType,
  reverse: (g, y, dy) => [g.mul(dy, g.sub(g.constant(1), g.mul(y, y)))],
  forward: (g, y, [dx]) => (dx ? g.mul(dx, g.sub(g.constant(1), g.mul(y, y))) : null),
  evaluate: ([x]) => mapValues(x!, Math.tanh),
  cases: [{ title: 'a matrix', inputs: [{ shape: [3, 4], low: -3, high: 3 }] }],
};
