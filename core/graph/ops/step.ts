/** @file 1 where x > 0, else 0: a comparison, so 0 at 0 and for NaN. Its derivative is zero. */
import { unaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const step: Op<[x: Node]> = unaryOp('step', (x) => (x > 0 ? 1 : 0), null, { low: -3, high: 3 });
