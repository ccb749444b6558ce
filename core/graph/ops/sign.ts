/** @file Sign of x: -1, 0, 1; NaN stays NaN. Its derivative is zero. */
import { unaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const sign: Op<[x: Node]> = unaryOp('sign', (x) => (x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : NaN), null, { low: -3, high: 3 });
