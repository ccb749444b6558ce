/** @file Everyday functions made of ops. */
import type { Builder } from './builder.ts';
import type { Node } from './node.ts';

/** Mean over axes (all by default). */
export function mean(g: Builder, x: Node, axes?: readonly number[], keepDims = false): Node {
  const total = g.sum(x, axes, keepDims);
  const count = x.shape.reduce((product, n) => product * n, 1) / total.shape.reduce((product, n) => product * n, 1);
  return g.mul(total, 1 / count);
}

/** Biased variance over axes: the mean of the squared distance from the mean. */
export function variance(g: Builder, x: Node, axes?: readonly number[], keepDims = false): Node {
  return mean(g, g.square(g.sub(x, mean(g, x, axes, true))), axes, keepDims);
}

/** Σ aᵢ bᵢ over axes (all by default); a scalar factor of b is taken out. */
export function dot(g: Builder, a: Node, b: Node, axes?: readonly number[]): Node {
  const [factor, scalar] = b.op === 'mul' ? b.inputs : [];
  if (scalar?.shape.length === 0 && factor!.shape.length > 0) return g.mul(dot(g, a, factor!, axes), scalar);
  return g.sum(g.mul(a, b), axes);
}

/** x Φ(x) with the exact normal distribution function Φ. */
export function gelu(g: Builder, x: Node): Node {
  return g.mul(x, g.mul(g.add(g.erf(g.mul(x, Math.SQRT1_2)), 1), 0.5));
}

/** log(1 + exp x), without overflow. */
export function softplus(g: Builder, x: Node): Node {
  return g.add(g.relu(x), g.log(g.add(g.exp(g.neg(g.abs(x))), 1)));
}
