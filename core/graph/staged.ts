/** @file Evaluation in stages: outputs one after the other, each node once, though inputs may change on the way. */
import { opOf } from './builder.ts';
import { feed } from './evaluate.ts';
import type { Node, Values } from './node.ts';
import { topologicalOrder } from './order.ts';

export interface StagedEvaluation {
  /** The value of one of the outputs, from what is remembered. */
  value(output: Node): Float64Array | Int32Array;
  /** After a change of the values behind a node: it, and what was made of it, is computed anew when it is asked for. */
  forget(node: Node): void;
  /** Frees what only the outputs asked for so far have needed. */
  settle(): void;
}

/**
 * @param outputs all that will be asked for, in about that order
 * @param feeds by name; float64 arrays are read where they lie, so that they may change in place
 */
export function stagedEvaluation(outputs: readonly Node[], feeds: Readonly<Record<string, Values>>): StagedEvaluation {
  const users = new Map<Node, Node[]>();
  for (const node of topologicalOrder(outputs))
    for (const input of new Set(node.inputs)) {
      const known = users.get(input);
      if (known) known.push(node);
      else users.set(input, [node]);
    }
  const values = new Map<Node, Float64Array | Int32Array>();
  const settled = new Set<Node>();
  /** Nodes to be computed for this one, inputs before users. */
  const missing = (output: Node): Node[] => {
    const order: Node[] = [];
    const seen = new Set<Node>();
    const stack = [{ node: output, next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const input = top.node.inputs[top.next++];
      if (!input) order.push(stack.pop()!.node);
      else if (!values.has(input) && !seen.has(input)) {
        seen.add(input);
        stack.push({ node: input, next: 0 });
      }
    }
    return order;
  };
  return {
    value(output) {
      if (!values.has(output))
        for (const node of missing(output)) {
          const inputs = node.inputs.map((input) => values.get(input)!);
          values.set(node, node.op === 'input' ? feed(node, feeds, false) : opOf(node).evaluate(inputs, node));
        }
      return values.get(output)!;
    },
    forget(node) {
      const dropped = new Set([node]);
      values.delete(node);
      for (const [other] of values)
        // in order of evaluation, inputs before users
        if (other.inputs.some((input) => dropped.has(input))) {
          dropped.add(other);
          values.delete(other);
        }
    },
    settle() {
      const over = [...values.keys()].filter((node) => (users.get(node) ?? []).every((user) => values.has(user) || settled.has(user)));
      for (const node of over) {
        values.delete(node);
        settled.add(node);
      }
    },
  };
}
