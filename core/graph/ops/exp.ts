/** @file exp x, elementwise. */
import { unaryOp } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const exp: Op<[x: Node]> = unaryOp('exp', Math.exp, (_, __, y) => y, { low: -3, high: 3 });
