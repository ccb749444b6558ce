/** @file The largest integer at or below x. Its derivative is zero. */
import { unaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const floor: Op<[x: Node]> = unaryOp('floor', Math.floor, null, { low: -3, high: 3 });
