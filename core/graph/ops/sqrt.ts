/** @file Square root, elementwise; NaN below 0. */
import { unaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const sqrt: Op<[x: Node]> = unaryOp('sqrt', Math.sqrt, (g, _, y) => g.div(0.5, y), { low: 0.2, high: 4 });
