/**
 * @file L2 norm over axes that neither under- nor overflows on the way: ‖x‖ = m·√Σ(x/m)² with m = max|x|.
 * A float32 gradient of 1e-30 has a norm; its squares do not exist. The derivative is x/‖x‖, and 0 at 0.
 */
import type { Builder } from '../builder.ts';
import { buildReduction, inferReduction, reduceValues, reductionCases, withOnes, type Reduction } from '../reduce.ts';
import type { Node, Op } from '../node.ts';

/** x/‖x‖, with 0 for 0. */
function direction(g: Builder, node: Node): Node {
  const length = withOnes(g, node, node);
  return g.div(node.inputs[0]!, g.add(length, g.equal(length, 0)));
}

export const norm: Op<[x: Node, axes?: readonly number[], keepDims?: boolean], Reduction> = {
  name: 'norm',
  build(g, x, axes, keepDims) {
    if (axes?.length === 0) return g.abs(x);
    const [factor, scalar] = x.op === 'mul' ? x.inputs : [];
    if (scalar?.shape.length === 0) return g.mul(g.norm(factor!, axes, keepDims), g.abs(scalar)); // ‖s x‖ = |s| ‖x‖: one pass less over a change -η g
    return buildReduction('norm', g, x, axes, keepDims);
  },
  infer: (inputs, attrs) => inferReduction('norm', inputs, attrs),
  reverse: (g, node, dy) => [g.mul(direction(g, node), withOnes(g, node, dy))],
  forward: (g, node, [dx]) =>
    dx ? g.sum(g.mul(direction(g, node), dx), node.attrs.axes as number[], node.attrs.keepDims as boolean) : null,
  evaluate([x], node) {
    const largest = reduceValues(node, x!, 0, (most, value) => Math.max(most, Math.abs(value)));
    const squares = reduceValues(node, x!, 0, (total, value, at) =>
      largest[at]! > 0 && largest[at]! < Infinity ? total + (value / largest[at]!) ** 2 : total,
    );
    return largest.map((m, at) => (m > 0 && m < Infinity ? m * Math.sqrt(squares[at]!) : m));
  },
  cases: [
    ...reductionCases(0.2, 2),
    { title: 'of each member of a stack', inputs: [{ shape: [3, 2, 4] }], make: (g, [x]) => g.norm(x!, [1, 2]) },
    { title: 'of each column, kept', inputs: [{ shape: [4, 3] }], make: (g, [x]) => g.norm(x!, [0], true) },
  ],
};
