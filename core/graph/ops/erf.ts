/** @file The error function, elementwise: 2/√π ∫₀ˣ exp(-t²) dt. */
import { unaryOp } from '../elementwise.ts';
import { erf as erfValue } from '../erf.ts';
import type { Node, Op } from '../node.ts';

export const erf: Op<[x: Node]> = unaryOp('erf', erfValue, (g, x) => g.mul(g.exp(g.neg(g.square(x))), 2 / Math.sqrt(Math.PI)), {
  low: -3,
  high: 3,
});
