/** @file 1 where a = b, else 0, in the float type; 0 where either is NaN. No derivative. */
import { binaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const equal: Op<[a: Node | number, b: Node | number]> = binaryOp('equal', (a, b) => (a === b ? 1 : 0), null, [
  { title: 'equal shapes', inputs: [{ shape: [3, 4] }, { shape: [3, 4] }], differentiable: false },
  { title: 'a row', inputs: [{ shape: [3, 4] }, { shape: [4] }], differentiable: false },
  { title: 'a column against a row', inputs: [{ shape: [3, 1] }, { shape: [1, 4] }], differentiable: false },
  { title: 'a scalar', inputs: [{ shape: [] }, { shape: [2, 2] }], differentiable: false },
]);
