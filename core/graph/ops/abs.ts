/** @file |x|, elementwise; the derivative at 0 is 0. */
import { unaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const abs: Op<[x: Node]> = unaryOp('abs', Math.abs, (g, x) => g.sign(x), { low: 0.1, high: 3 });
