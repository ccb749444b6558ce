/** @file The same value, but a constant to every derivative. */
import { sameType } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

export const stopGradient: Op<[x: Node]> = {
  name: 'stopGradient',
  build: (g, x) => g.node('stopGradient', [x]),
  infer: sameType,
  reverse: () => [null],
  forward: () => null,
  evaluate: ([x]) => Float64Array.from(x!),
  cases: [{ title: 'a matrix', inputs: [{ shape: [2, 3] }], differentiable: false }],
};
