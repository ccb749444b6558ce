/** @file a - b with broadcasting. */
import { binaryOp, scalarValue } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const sub: Op<[a: Node | number, b: Node | number]> = binaryOp(
  'sub',
  (a, b) => a - b,
  (g) => [(d) => d, (d) => g.neg(d)],
  [
    { title: 'equal shapes', inputs: [{ shape: [3, 4] }, { shape: [3, 4] }] },
    { title: 'a row', inputs: [{ shape: [3, 4] }, { shape: [4] }] },
    { title: 'a column against a row', inputs: [{ shape: [3, 1] }, { shape: [1, 4] }] },
    { title: 'a scalar', inputs: [{ shape: [] }, { shape: [2, 2] }] },
  ],
  (_, a, b) => (b.shape.length === 0 && scalarValue(b) === 0 ? a : null),
);
