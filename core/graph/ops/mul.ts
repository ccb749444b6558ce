/** @file a · b with broadcasting. */
import { binaryOp, scalarValue } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const mul: Op<[a: Node | number, b: Node | number]> = binaryOp(
  'mul',
  (a, b) => a * b,
  (g, { inputs: [a, b] }) => [(d) => g.mul(d, b!), (d) => g.mul(d, a!)],
  [
    { title: 'equal shapes', inputs: [{ shape: [3, 4] }, { shape: [3, 4] }] },
    { title: 'a row', inputs: [{ shape: [3, 4] }, { shape: [4] }] },
    { title: 'a column against a row', inputs: [{ shape: [3, 1] }, { shape: [1, 4] }] },
    { title: 'a scalar', inputs: [{ shape: [] }, { shape: [2, 2] }] },
  ],
  (g, a, b) => {
    const [p, q] = [a.shape.length === 0 ? scalarValue(a) : undefined, b.shape.length === 0 ? scalarValue(b) : undefined];
    if (q === 1) return a;
    if (p === 1) return b;
    if (q === -1) return g.neg(a);
    if (p === -1) return g.neg(b);
    return a.shape.length === 0 && b.shape.length > 0 ? g.node('mul', [b, a]) : null; // a scalar factor stands second, so that equal products are one node
  },
);
