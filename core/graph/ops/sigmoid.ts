/** @file 1/(1 + exp(-x)), elementwise. */
import { unaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const sigmoid: Op<[x: Node]> = unaryOp(
  'sigmoid',
  (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  (g, _, y) => g.mul(y, g.sub(1, y)),
  { low: -4, high: 4 },
);
