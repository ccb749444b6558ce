/** @file Sum over axes (all by default). */
import { buildReduction, inferReduction, reduceValues, reductionCases, withOnes, type Reduction } from '../reduce.ts';
import type { Node, Op } from '../node.ts';

export const sum: Op<[x: Node, axes?: readonly number[], keepDims?: boolean], Reduction> = {
  name: 'sum',
  build: (g, x, axes, keepDims) => (axes?.length === 0 ? x : buildReduction('sum', g, x, axes, keepDims)),
  infer: (inputs, attrs) => inferReduction('sum', inputs, attrs),
  reverse: (g, node, dy) => [g.broadcastTo(withOnes(g, node, dy), node.inputs[0]!.shape)],
  forward: (g, { attrs }, [dx]) => (dx ? g.sum(dx, attrs.axes as number[], attrs.keepDims as boolean) : null),
  evaluate: ([x], node) => reduceValues(node, x!, 0, (total, value) => total + value),
  cases: [
    ...reductionCases(-2, 2),
    { title: 'the batch axis', inputs: [{ shape: [5, 3] }], make: (g, [x]) => g.sum(x!, [0]) },
    { title: 'two axes, kept', inputs: [{ shape: [2, 3, 4] }], make: (g, [x]) => g.sum(x!, [0, -1], true) },
  ],
};
