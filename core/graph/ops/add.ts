/** @file a + b with broadcasting. */
import { binaryOp, scalarValue } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const add: Op<[a: Node | number, b: Node | number]> = binaryOp(
  'add',
  (a, b) => a + b,
  () => [(d) => d, (d) => d],
  [
    { title: 'equal shapes', inputs: [{ shape: [3, 4] }, { shape: [3, 4] }] },
    { title: 'a row', inputs: [{ shape: [3, 4] }, { shape: [4] }] },
    { title: 'a column against a row', inputs: [{ shape: [3, 1] }, { shape: [1, 4] }] },
    { title: 'a scalar', inputs: [{ shape: [] }, { shape: [2, 2] }] },
  ],
  (_, a, b) => (b.shape.length === 0 && scalarValue(b) === 0 ? a : a.shape.length === 0 && scalarValue(a) === 0 ? b : null),
);
