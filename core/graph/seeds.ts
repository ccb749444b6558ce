/**
 * @file Derivatives from many places of a graph at once, each place with a result of its own: what the diagonal blocks of a Hessian need.
 *
 * Place l gets tangents in entry l of a stack. A node carries only the entries that reach it and that somebody above or below still wants,
 * so the work is a triangle: (L+1)/3 gradients for all L layers of a chain, where L products of the whole take 2 L.
 */
import { batched } from './batch.ts';
import { opOf, type Builder } from './builder.ts';
import type { Node } from './node.ts';
import { topologicalOrder } from './order.ts';

/** Entries from ≤ l < to. Places are numbered along the graph, so that what reaches a node is close to an interval. */
interface Range {
  readonly from: number;
  readonly to: number;
}
interface Stack extends Range {
  readonly node: Node; // [to - from, …]
}

/** Seeds of one node have places next to each other. */
export interface Seed {
  readonly node: Node;
  readonly place: number;
  readonly direction: Node;
}

const hull = (a: Range | undefined, b: Range): Range => (a ? { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) } : b);
const common = (a: Range | undefined, b: Range | undefined): Range | null => {
  if (!a || !b) return null;
  const [from, to] = [Math.max(a.from, b.from), Math.min(a.to, b.to)];
  return from < to ? { from, to } : null;
};

/** For each node the places that reach it (all those between the first and the last that do). */
export function reach(order: readonly Node[], seeds: readonly Omit<Seed, 'direction'>[]): Map<Node, Range> {
  const reached = new Map<Node, Range>();
  for (const { node, place } of seeds) reached.set(node, hull(reached.get(node), { from: place, to: place + 1 }));
  const still = new Set(reached.keys());
  for (const node of order) {
    if (still.has(node) || node.op === 'stopGradient') continue;
    for (const input of node.inputs) {
      const range = reached.get(input);
      if (range) reached.set(node, hull(reached.get(node), range));
    }
  }
  return reached;
}

/**
 * The tangent of each output when the seeds of its own place move, and nothing else does.
 *
 * @returns a node per output, of its shape; null where it does not depend
 */
export function ownTangents(g: Builder, outputs: readonly { node: Node; place: number }[], seeds: readonly Seed[]): (Node | null)[] {
  const order = topologicalOrder(outputs.map(({ node }) => node));
  const reached = reach(order, seeds);
  const wanted = new Map<Node, Range>();
  for (const { node, place } of outputs) wanted.set(node, hull(wanted.get(node), { from: place, to: place + 1 }));
  for (let i = order.length - 1; i >= 0; i--) {
    const range = common(wanted.get(order[i]!), reached.get(order[i]!));
    if (range) for (const input of order[i]!.inputs) wanted.set(input, hull(wanted.get(input), range));
  }
  const stacks = new Map<Node, Stack>();
  for (const [node, own] of Map.groupBy(seeds, (seed) => seed.node)) {
    const inOrder = own.toSorted((a, b) => a.place - b.place);
    const directions = inOrder.map(({ direction }) => g.reshape(direction, [1, ...node.shape]));
    const [from, to] = [inOrder[0]!.place, inOrder.at(-1)!.place + 1];
    if (to - from !== own.length)
      throw new RangeError(`ownTangents: seeds of one node must lie side by side, got ${inOrder.map(({ place }) => place)}`);
    stacks.set(node, { from, to, node: g.concat(directions, 0) });
  }
  for (const node of order) {
    const range = common(wanted.get(node), reached.get(node));
    if (!range || stacks.has(node)) continue;
    const stack = propagated(
      g,
      node,
      range,
      node.inputs.map((input) => stacks.get(input)),
    );
    if (stack) stacks.set(node, stack);
  }
  return outputs.map(({ node, place }) => {
    const stack = stacks.get(node);
    return stack && common(stack, { from: place, to: place + 1 }) ? g.reshape(cut(g, stack, place, place + 1), node.shape) : null;
  });
}

const cut = (g: Builder, stack: Stack, from: number, to: number): Node => g.slice(stack.node, 0, from - stack.from, to - stack.from);

/** The forward rule on stacks: entries are taken together as far as the same inputs carry them, and the pieces joined. */
function propagated(g: Builder, node: Node, range: Range, inputs: readonly (Stack | undefined)[]): Stack | null {
  const carried = inputs.map((stack) => (stack ? (common(stack, range) ?? undefined) : undefined));
  const ends = [range.from, range.to, ...carried.flatMap((part) => (part ? [part.from, part.to] : []))].sort((a, b) => a - b);
  const pieces: (Node | null)[] = [];
  const counts: number[] = [];
  for (let i = 1; i < ends.length; i++) {
    const [from, to] = [ends[i - 1]!, ends[i]!];
    if (from === to) continue;
    const parts = carried.map((part, k) => (part && part.from <= from && part.to >= to ? cut(g, inputs[k]!, from, to) : null));
    pieces.push(forward(g, node, parts, to - from));
    counts.push(to - from);
  }
  if (pieces.every((piece) => !piece)) return null;
  const full = pieces.map((piece, i) => piece ?? g.constant(0, [counts[i]!, ...node.shape]));
  return { ...range, node: g.concat(full, 0) };
}

/** The op's forward rule for `count` tangents of each input at once. */
function forward(g: Builder, node: Node, parts: readonly (Node | null)[], count: number): Node | null {
  if (parts.every((part) => !part)) return null;
  if (count === 1) {
    const one = opOf(node).forward(
      g,
      node,
      parts.map((part, k) => part && g.reshape(part, node.inputs[k]!.shape)),
    );
    return one && g.reshape(one, [1, ...node.shape]);
  }
  const placeholders = new Map<Node, Node>();
  const tangents = parts.map((part, k) => {
    if (!part) return null;
    const placeholder = fresh(g, node.inputs[k]!, node, k);
    placeholders.set(placeholder, part);
    return placeholder;
  });
  const tangent = opOf(node).forward(g, node, tangents);
  return tangent && batched(g, [tangent], placeholders)[0]!;
}

/** A place to put a tangent of input k of a node; nothing that is run ever reads it. */
const fresh = (g: Builder, input: Node, node: Node, k: number): Node => g.input(`tangent ${k} of ${node.id}`, input.shape);
