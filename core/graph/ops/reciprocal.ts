/** @file 1/x, elementwise. */
import { unaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const reciprocal: Op<[x: Node]> = unaryOp(
  'reciprocal',
  (x) => 1 / x,
  (g, _, y) => g.neg(g.square(y)),
  { low: 0.3, high: 3 },
);
