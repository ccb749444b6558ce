/** @file a / b with broadcasting. */
import { binaryOp, scalarValue } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const div: Op<[a: Node | number, b: Node | number]> = binaryOp(
  'div',
  (a, b) => a / b,
  (g, { inputs: [a, b] }) => [(d) => g.div(d, b!), (d) => g.neg(g.div(g.mul(d, a!), g.square(b!)))],
  [
    { title: 'equal shapes', inputs: [{ shape: [3, 4] }, { shape: [3, 4], low: 0.3, high: 3 }] },
    { title: 'a row', inputs: [{ shape: [3, 4] }, { shape: [4], low: 0.3, high: 3 }] },
    { title: 'a column against a row', inputs: [{ shape: [3, 1] }, { shape: [1, 4], low: 0.3, high: 3 }] },
    { title: 'a scalar', inputs: [{ shape: [] }, { shape: [2, 2], low: 0.3, high: 3 }] },
  ],
  (_, a, b) => (b.shape.length === 0 && scalarValue(b) === 1 ? a : null),
);
