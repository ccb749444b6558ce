/** @file x², elementwise. */
import { unaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const square: Op<[x: Node]> = unaryOp(
  'square',
  (x) => x * x,
  (g, x) => g.mul(x, 2),
  { low: -3, high: 3 },
);
