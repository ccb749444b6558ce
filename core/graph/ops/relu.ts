/** @file max(x, 0), elementwise; the derivative at 0 is 0; NaN stays NaN. */
import { unaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const relu: Op<[x: Node]> = unaryOp(
  'relu',
  (x) => (x > 0 || Number.isNaN(x) ? x : 0),
  (g, x) => g.step(x),
  { low: 0.1, high: 3 },
);
