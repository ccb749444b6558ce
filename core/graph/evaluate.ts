/** @file Runs a graph in plain TypeScript and float64: slow, sure, the oracle of every runtime. */
import { opOf } from './builder.ts';
import { sizeOf, type Node, type Values } from './node.ts';
import { topologicalOrder } from './order.ts';

export interface Plan {
  readonly outputs: readonly Node[];
  readonly order: readonly Node[];
  /** After node i of the order has run, these values are needed no more. */
  readonly lastUses: readonly (readonly Node[])[];
}

/** The order of evaluation and when each value may go; made once, run often. */
export function planEvaluation(outputs: readonly Node[]): Plan {
  const order = topologicalOrder(outputs);
  const kept = new Set(outputs);
  const last = new Map<Node, number>();
  order.forEach((node, i) => node.inputs.forEach((input) => last.set(input, i)));
  const lastUses: Node[][] = order.map(() => []);
  for (const [node, i] of last) if (!kept.has(node)) lastUses[i]!.push(node);
  return { outputs, order, lastUses };
}

/**
 * Values of the outputs, given values for the inputs by name.
 *
 * Float nodes are computed in float64 whatever their dtype; int32 nodes in Int32Array.
 * @throws Error when an input is missing, RangeError when its length does not fit
 */
export function evaluate(outputs: readonly Node[] | Plan, feeds: Readonly<Record<string, Values>>): (Float64Array | Int32Array)[] {
  const plan = 'order' in outputs ? outputs : planEvaluation(outputs);
  const values = new Map<Node, Float64Array | Int32Array>();
  plan.order.forEach((node, i) => {
    values.set(
      node,
      node.op === 'input'
        ? feed(node, feeds)
        : opOf(node).evaluate(
            node.inputs.map((input) => values.get(input)!),
            node,
          ),
    );
    for (const done of plan.lastUses[i]!) values.delete(done);
  });
  return plan.outputs.map((output) => values.get(output)!);
}

/** @param copy false for float64 arrays as they are, to be read before they change */
export function feed(node: Node, feeds: Readonly<Record<string, Values>>, copy = true): Float64Array | Int32Array {
  const name = String(node.attrs.name);
  const value = feeds[name];
  if (!value) throw new Error(`input ${name} was not fed; fed: ${Object.keys(feeds).join(', ') || 'nothing'}`);
  if (value.length !== sizeOf(node.shape))
    throw new RangeError(`input ${name}: [${node.shape}] takes ${sizeOf(node.shape)} values, got ${value.length}`);
  if (!copy && value instanceof Float64Array) return value;
  return node.dtype === 'int32' ? Int32Array.from(value) : Float64Array.from(value);
}
