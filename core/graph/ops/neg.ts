/** @file -x, elementwise. */
import { unaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const neg: Op<[x: Node]> = unaryOp(
  'neg',
  (x) => -x,
  (g) => g.constant(-1),
  { low: -3, high: 3 },
);
