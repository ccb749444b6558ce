/** @file The nodes that outputs depend on, inputs before users, and graphs made again in that order. Iterative: graphs are thousands of layers deep. */
import { withInputs, type Builder } from './builder.ts';
import type { Node } from './node.ts';

export function topologicalOrder(outputs: readonly Node[]): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  for (const output of outputs) {
    if (!seen.has(output)) stack.push({ node: output, next: 0 });
    seen.add(output);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const input = top.node.inputs[top.next++];
      if (!input) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(input)) {
        seen.add(input);
        stack.push({ node: input, next: 0 });
      }
    }
  }
  return order;
}

/** For each node those that read it, once for every time they do; an output is read by itself. */
export function readersOf(order: readonly Node[], outputs: readonly Node[]): Map<Node, Node[]> {
  const readers = new Map<Node, Node[]>(order.map((node) => [node, []]));
  for (const node of order) for (const input of node.inputs) readers.get(input)!.push(node);
  for (const output of outputs) readers.get(output)!.push(output);
  return readers;
}

/**
 * The outputs again, each node by `next`.
 *
 * @param next of a node on inputs that were made again, and of the node that it was
 * @param again what stands for a node already; grows
 */
export function rebuilt(
  g: Builder,
  outputs: readonly Node[],
  next: (node: Node, of: Node) => Node = (node) => node,
  again = new Map<Node, Node>(),
): Node[] {
  for (const of of topologicalOrder(outputs)) {
    if (again.has(of)) continue;
    const inputs = of.inputs.map((input) => again.get(input)!);
    again.set(of, next(withInputs(g, of, inputs), of));
  }
  return outputs.map((output) => again.get(output)!);
}
