/** @file A graph cut in two: what stays the same is computed once, what moves is computed from that and the moving inputs alone. */
import type { Builder } from './builder.ts';
import type { Node } from './node.ts';
import { topologicalOrder } from './order.ts';

export interface Cut {
  /** Nodes to be computed first. None of them depends on what moves. */
  readonly kept: readonly { readonly value: Node; readonly input: Node }[];
  /** The outputs again, reading `kept[i].input` in place of `kept[i].value`. */
  readonly outputs: readonly Node[];
}

/** Cost nothing, or are part of the op that reads them: made again rather than kept. */
const light = new Set(['reshape', 'broadcastTo']);

/**
 * Derivatives must not be taken of the result.
 *
 * @param moving inputs that change from call to call; all the others and what depends on them alone stay
 */
export function cut(g: Builder, outputs: readonly Node[], moving: readonly Node[]): Cut {
  const varies = new Set(moving);
  const order = topologicalOrder(outputs);
  for (const node of order) if (node.inputs.some((input) => varies.has(input))) varies.add(node);
  const again = new Map<Node, Node>(moving.map((node) => [node, node]));
  const kept = new Map<Node, Node>();
  const still = (node: Node): Node => {
    if (node.op === 'input' || node.op === 'constant') return node;
    if (light.has(node.op)) return g.node(node.op, [still(node.inputs[0]!)], node.attrs);
    if (!kept.has(node)) kept.set(node, g.input(`kept ${node.id}`, node.shape, node.dtype));
    return kept.get(node)!;
  };
  const carried = (node: Node): Node => again.get(node) ?? still(node);
  for (const node of order)
    if (varies.has(node) && !again.has(node)) again.set(node, g.node(node.op, node.inputs.map(carried), node.attrs));
  return { outputs: outputs.map(carried), kept: Array.from(kept, ([value, input]) => ({ value, input })) };
}
