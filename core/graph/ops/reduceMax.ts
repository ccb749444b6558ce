/** @file Largest value over axes; NaN passes. At ties the derivative is shared equally. */
import type { Builder } from '../builder.ts';
import { buildReduction, inferReduction, reduceValues, reductionCases, withOnes, type Reduction } from '../reduce.ts';
import type { Node, Op } from '../node.ts';

/** 1/ties where an element is the largest, else 0. */
function shares(g: Builder, node: Node): Node {
  const { axes } = node.attrs as unknown as Reduction;
  const largest = g.equal(node.inputs[0]!, withOnes(g, node, node));
  return g.div(largest, g.sum(largest, axes, true));
}

export const reduceMax: Op<[x: Node, axes?: readonly number[], keepDims?: boolean], Reduction> = {
  name: 'reduceMax',
  build: (g, x, axes, keepDims) => (axes?.length === 0 ? x : buildReduction('reduceMax', g, x, axes, keepDims)),
  infer: (inputs, attrs) => inferReduction('reduceMax', inputs, attrs),
  reverse: (g, node, dy) => [g.mul(shares(g, node), withOnes(g, node, dy))],
  forward: (g, node, [dx]) => (dx ? g.sum(g.mul(shares(g, node), dx), node.attrs.axes as number[], node.attrs.keepDims as boolean) : null),
  evaluate: ([x], node) => reduceValues(node, x!, -Infinity, (most, value) => Math.max(most, value)),
  cases: [...reductionCases(-2, 2), { title: 'rows', inputs: [{ shape: [4, 5] }], make: (g, [x]) => g.reduceMax(x!, [1], true) }],
};
