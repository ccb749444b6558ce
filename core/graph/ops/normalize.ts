/**
 * @file z = (x - mean)/√(var + ε) over the axes, biased variance: the core of batch (axes [0]) and layer normalization (axes [-1]).
 *
 * With s = √(var + ε): dz = P(dx)/s where P(d) = d - mean d - z·mean(d z) projects out the two directions that normalization forgets.
 * P is symmetric, so the same expression serves reverse and forward; it is built of differentiable nodes, so second derivatives are exact.
 */
import type { Builder } from '../builder.ts';
import { checkAxes, reducedShape } from '../shapes.ts';
import { broadcastIndex } from '../elementwise.ts';
import { sizeOf, type Node, type Op } from '../node.ts';

type Attributes = { axes: readonly number[]; epsilon: number };

/** The mean over axes, kept as ones; over rows that a factor stretches, of the rest: the sums that the factor's own derivative takes. */
function meanOver(g: Builder, v: Node, axes: readonly number[], by: (rest: Node) => Node = (rest) => rest): Node {
  const { rest, factor } = withoutRow(v, axes);
  const kept = reducedShape(v.shape, axes, true);
  const share = sizeOf(kept) / sizeOf(v.shape);
  const mean = g.mul(g.reshape(g.sum(by(rest), axes), kept), share);
  return factor ? g.mul(mean, factor) : mean;
}

/** v = rest ∘ factor, where the factor is the same all along the axes. */
function withoutRow(v: Node, axes: readonly number[]): { rest: Node; factor: Node | null } {
  if (v.op !== 'mul') return { rest: v, factor: null };
  for (const [rest, factor] of [v.inputs, [...v.inputs].reverse()] as [Node, Node][]) {
    const lead = v.shape.length - factor.shape.length;
    const constant = axes.every((axis) => axis < lead || factor.shape[axis - lead] === 1);
    if (constant && rest.shape.length === v.shape.length && rest.shape.every((n, axis) => n === v.shape[axis])) return { rest, factor };
  }
  return { rest: v, factor: null };
}

/** x - mean and √(var + ε). */
export function scatter(g: Builder, x: Node, axes: readonly number[], epsilon: number): { centred: Node; deviation: Node } {
  const centred = g.sub(x, meanOver(g, x, axes));
  return { centred, deviation: g.sqrt(g.add(meanOver(g, g.square(centred), axes), epsilon)) };
}

function project(g: Builder, z: Node, d: Node): Node {
  const [x] = z.inputs;
  const { axes, epsilon } = z.attrs as Attributes;
  const { deviation } = scatter(g, x!, axes, epsilon);
  const { rest, factor } = withoutRow(d, axes);
  const scaled = g.mul(rest, factor ? g.div(factor, deviation) : g.reciprocal(deviation)); // d/s in one pass
  const along = g.div(
    meanOver(g, d, axes, (v) => g.mul(v, z)),
    deviation,
  );
  return g.sub(g.sub(scaled, g.div(meanOver(g, d, axes), deviation)), g.mul(z, along));
}

export const normalize: Op<[x: Node, axes: readonly number[], epsilon: number], Attributes> = {
  name: 'normalize',
  build(g, x, axes, epsilon) {
    if (!(epsilon >= 0 && epsilon < Infinity)) throw new RangeError(`normalize: epsilon must be at least 0 and finite, got ${epsilon}`);
    return g.node('normalize', [x], { axes: checkAxes('normalize', x.shape.length, axes), epsilon });
  },
  infer([x]) {
    if (x!.dtype === 'int32') throw new TypeError('normalize takes float32 or float64, got int32');
    return { shape: x!.shape, dtype: x!.dtype };
  },
  reverse: (g, z, dz) => [project(g, z, dz)],
  forward: (g, z, [dx]) => (dx ? project(g, z, dx) : null),
  evaluate([x], node) {
    const { axes, epsilon } = node.attrs as Attributes;
    const groups = reducedShape(node.shape, axes, true);
    const index = broadcastIndex(groups, node.shape);
    const count = x!.length / sizeOf(groups);
    const mean = new Float64Array(sizeOf(groups));
    const variance = new Float64Array(mean.length);
    x!.forEach((value, i) => (mean[index[i]!]! += value / count));
    x!.forEach((value, i) => (variance[index[i]!]! += (value - mean[index[i]!]!) ** 2 / count));
    return Float64Array.from(x!, (value, i) => (value - mean[index[i]!]!) / Math.sqrt(variance[index[i]!]! + epsilon));
  },
  cases: [
    { title: 'over the batch', inputs: [{ shape: [6, 3] }], make: (g, [x]) => g.normalize(x!, [0], 1e-3) },
    { title: 'over the last axis', inputs: [{ shape: [3, 6] }], make: (g, [x]) => g.normalize(x!, [-1], 1e-3) },
  ],
};
