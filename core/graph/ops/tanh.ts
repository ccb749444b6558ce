/** @file tanh x, elementwise. */
import { unaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const tanh: Op<[x: Node]> = unaryOp('tanh', Math.tanh, (g, _, y) => g.sub(1, g.square(y)), { low: -3, high: 3 });
