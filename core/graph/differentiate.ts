/**
 * @file Derivatives as transformations of the graph: reverse mode, forward mode, and forward over reverse for exact Hessian-vector products.
 *
 * An absent cotangent or tangent (null) is a structural zero: nothing is built for it. Cost of a product: 6 matrix products per dense layer
 * against 3 of a gradient (curvature is twice a gradient). 1,000 layers of width 16: see differentiate.test.ts.
 */
import { opOf, type Builder } from './builder.ts';
import type { Node } from './node.ts';
import { topologicalOrder } from './order.ts';

/**
 * Gradient of a scalar with respect to `wrt`.
 *
 * @returns one node per entry of `wrt`, of its shape; zeros where the loss does not depend on it
 * @throws RangeError when `loss` is not a scalar
 */
export function gradient(g: Builder, loss: Node, wrt: readonly Node[]): Node[] {
  if (loss.shape.some((n) => n !== 1)) throw new RangeError(`gradient: the loss must be one value, got [${loss.shape}]`);
  return cotangents(g, [loss], [g.constant(1, loss.shape)], wrt).map((cotangent, i) => cotangent ?? g.constant(0, wrt[i]!.shape));
}

/** Σ over outputs of seedᵀ ∂output/∂wrt; null where nothing depends. */
export function cotangents(g: Builder, outputs: readonly Node[], seeds: readonly Node[], wrt: readonly Node[]): (Node | null)[] {
  const order = topologicalOrder(outputs);
  const active = dependsOn(order, new Set(wrt));
  const parts = new Map<Node, Node[]>();
  const accumulate = (node: Node, d: Node) => (parts.has(node) ? void parts.get(node)!.push(d) : parts.set(node, [d]));
  outputs.forEach((output, i) => accumulate(output, seeds[i]!));
  const stops = new Set(wrt);
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!;
    if (!parts.has(node) || !active.has(node) || node.inputs.length === 0) continue;
    const dy = total(g, parts.get(node)!);
    const needs = node.inputs.map((input) => active.has(input));
    opOf(node)
      .reverse(g, node, dy, needs)
      .forEach((d, k) => {
        if (d && needs[k]) accumulate(node.inputs[k]!, d);
      });
    if (!stops.has(node)) parts.delete(node);
  }
  return wrt.map((node) => (parts.has(node) ? total(g, parts.get(node)!) : null));
}

/**
 * The sum of the parts. Pads that tile an axis are joined, not added: the members sliced off a stack [G, …] give G pads of the
 * stack's size, whose sum would cost O(G²).
 */
function total(g: Builder, parts: readonly Node[]): Node {
  const [first] = parts as [Node, ...Node[]];
  const axis = first.attrs.axis as number;
  if (parts.length > 1 && parts.every(({ op, attrs }) => op === 'pad' && attrs.axis === axis)) {
    const pads = [...parts].sort((a, b) => (a.attrs.before as number) - (b.attrs.before as number));
    const pieces = pads.map(({ inputs }) => inputs[0]!);
    let end = 0;
    const tiled = pads.every(({ attrs }, i) => attrs.before === end && (end += pieces[i]!.shape[axis]!));
    if (tiled && end === first.shape[axis]) return g.concat(pieces, axis);
  }
  return parts.reduce((sum, part) => g.add(sum, part));
}

/**
 * Directional derivative of `outputs` when each of `wrt` moves along its tangent (forward mode).
 *
 * @param tangents of the shapes of `wrt`; null means it stands still
 * @returns one tangent per output; null is an exact zero
 */
function tangents(g: Builder, outputs: readonly Node[], wrt: readonly Node[], directions: readonly (Node | null)[]): (Node | null)[] {
  directions.forEach((direction, i) => {
    if (direction && (direction.shape.length !== wrt[i]!.shape.length || direction.shape.some((n, axis) => n !== wrt[i]!.shape[axis])))
      throw new RangeError(`tangent ${i} must be of shape [${wrt[i]!.shape}], got [${direction.shape}]`);
  });
  const known = new Map<Node, Node | null>(wrt.map((node, i) => [node, directions[i] ?? null]));
  for (const node of topologicalOrder(outputs)) {
    if (known.has(node)) continue;
    const inputs = node.inputs.map((input) => known.get(input) ?? null);
    known.set(node, inputs.every((d) => !d) ? null : opOf(node).forward(g, node, inputs));
  }
  return outputs.map((output) => known.get(output) ?? null);
}

/** As `tangents`, with zeros in place of null. */
export function tangent(g: Builder, outputs: readonly Node[], wrt: readonly Node[], directions: readonly (Node | null)[]): Node[] {
  return tangents(g, outputs, wrt, directions).map((d, i) => d ?? g.constant(0, outputs[i]!.shape));
}

/** Exact H v: the tangent of the gradient. `vectors` and results have the shapes of `wrt`. */
export function hessianVector(g: Builder, loss: Node, wrt: readonly Node[], vectors: readonly (Node | null)[]): Node[] {
  return tangent(g, gradient(g, loss, wrt), wrt, vectors);
}

/** The nodes of `order` through which a derivative with respect to `wrt` passes. */
function dependsOn(order: readonly Node[], wrt: ReadonlySet<Node>): Set<Node> {
  const active = new Set<Node>();
  for (const node of order)
    if (wrt.has(node) || (node.op !== 'stopGradient' && node.inputs.some((input) => active.has(input)))) active.add(node);
  return active;
}
