/** @file Natural logarithm, elementwise; NaN below 0, -Infinity at 0. */
import { unaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const log: Op<[x: Node]> = unaryOp('log', Math.log, (g, x) => g.reciprocal(x), { low: 0.2, high: 4 });
