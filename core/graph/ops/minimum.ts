/** @file The smaller of a and b; NaN passes. At a tie the derivative goes half to each. */
import { binaryOp, picked } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const minimum: Op<[a: Node | number, b: Node | number]> = binaryOp(
  'minimum',
  (a, b) => Math.min(a, b),
  picked((g, a, b) => g.greater(b, a)),
  [
    { title: 'equal shapes', inputs: [{ shape: [3, 4] }, { shape: [3, 4] }] },
    { title: 'a row', inputs: [{ shape: [3, 4] }, { shape: [4] }] },
    { title: 'a column against a row', inputs: [{ shape: [3, 1] }, { shape: [1, 4] }] },
    { title: 'a scalar', inputs: [{ shape: [] }, { shape: [2, 2] }] },
  ],
);
