/** @file sin x, elementwise. */
import { unaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const sin: Op<[x: Node]> = unaryOp('sin', Math.sin, (g, x) => g.cos(x), { low: -3, high: 3 });
