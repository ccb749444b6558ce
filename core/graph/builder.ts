/** @file Builds a graph: every op of `ops/` is a method; equal nodes are made once, so common subexpressions never exist twice. */
import { ops } from './ops/index.ts';
import type { Attrs, DType, Node, Op, Shape, TensorType, Values } from './node.ts';

type Arguments<T> = T extends Op<infer Args, never> ? Args : never;
type Methods = { readonly [K in keyof typeof ops]: (...args: Arguments<(typeof ops)[K]>) => Node };

/** A graph under construction; `g.add(a, b)` is op `add` built on `g`. */
export interface Builder extends Methods {
  /** The float type of this graph's inputs, constants and results. */
  readonly precision: 'float32' | 'float64';
  /** Makes (or finds) the node; the only way a node comes into being. */
  node(op: string, inputs: readonly Node[], attrs?: Attrs): Node;
}

/** The node with other inputs; itself where they are the same. */
export const withInputs = (g: Builder, node: Node, inputs: readonly Node[]): Node =>
  inputs.every((input, i) => input === node.inputs[i]) ? node : g.node(node.op, inputs, node.attrs);

export type FloatType = Exclude<DType, 'int32'>;

/** The op of a node. */
export function opOf(node: Node): Op {
  return (ops as unknown as Record<string, Op>)[node.op]!; // nodes come from builders, which know only these ops
}

export function createBuilder(precision: FloatType = 'float32'): Builder {
  const interned = new Map<string, Node>();
  const constants = new Map<Values, number>();
  let nextId = 0;
  const base = {
    precision,
    node(name: string, inputs: readonly Node[], attrs: Attrs = {}): Node {
      const op = (ops as unknown as Record<string, Op<never[], Attrs>>)[name];
      if (!op) throw new RangeError(`unknown op: ${name}; known: ${Object.keys(ops).join(', ')}`);
      const key = `${name}(${inputs.map((input) => input.id).join()})${keyOf(attrs, constants)}`;
      const known = interned.get(key);
      if (known) return known;
      const { shape, dtype }: TensorType = op.infer(inputs, attrs);
      const node: Node = Object.freeze({
        id: nextId++,
        op: name,
        inputs: Object.freeze([...inputs]),
        attrs: Object.freeze({ ...attrs }),
        shape: Object.freeze([...shape]) as Shape,
        dtype,
      });
      interned.set(key, node);
      return node;
    },
  };
  const g = base as unknown as Builder;
  for (const op of Object.values(ops) as unknown as Op<unknown[]>[])
    (g as unknown as Record<string, unknown>)[op.name] = (...args: unknown[]) => op.build(g, ...args);
  return g;
}

/** A text that is equal for equal attributes; arrays of values are compared by identity, as constants can be large. */
function keyOf(attrs: Attrs, constants: Map<Values, number>): string {
  return JSON.stringify(attrs, (_, value: unknown) => {
    if (ArrayBuffer.isView(value)) {
      const array = value as Values;
      if (array.length <= 16) return [array.constructor.name, ...Array.from(array, String)];
      if (!constants.has(array)) constants.set(array, constants.size);
      return `values #${constants.get(array)}`;
    }
    if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
      return `number ${Object.is(value, -0) ? '-0' : value}`;
    return value;
  });
}
