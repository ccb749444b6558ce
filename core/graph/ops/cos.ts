/** @file cos x, elementwise. */
import { unaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const cos: Op<[x: Node]> = unaryOp('cos', Math.cos, (g, x) => g.neg(g.sin(x)), { low: -3, high: 3 });
