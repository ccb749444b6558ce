/** @file a to the power b, a > 0 where the exponent is not an integer. */
import { binaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const pow: Op<[a: Node | number, b: Node | number]> = binaryOp(
  'pow',
  Math.pow,
  (g, { inputs: [a, b] }) => [(d) => g.mul(d, g.mul(b!, g.pow(a!, g.sub(b!, 1)))), (d) => g.mul(d, g.mul(g.pow(a!, b!), g.log(a!)))],
  [
    {
      title: 'equal shapes',
      inputs: [
        { shape: [3, 4], low: 0.3, high: 2 },
        { shape: [3, 4], low: -2, high: 2 },
      ],
    },
    {
      title: 'a row',
      inputs: [
        { shape: [3, 4], low: 0.3, high: 2 },
        { shape: [4], low: -2, high: 2 },
      ],
    },
    {
      title: 'a column against a row',
      inputs: [
        { shape: [3, 1], low: 0.3, high: 2 },
        { shape: [1, 4], low: -2, high: 2 },
      ],
    },
    {
      title: 'a scalar',
      inputs: [
        { shape: [], low: 0.3, high: 2 },
        { shape: [2, 2], low: -2, high: 2 },
      ],
    },
  ],
);
