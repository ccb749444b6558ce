/** @file One ONNX graph under construction: the main graph of a model, or the body of its loop. */
import type { DType, Node } from '#core/graph/node.ts';
import { attribute, tensor, type AttributeValue, type ElementType, type NodeProto, type TensorProto } from './proto.ts';

export interface Scope {
  readonly nodes: NodeProto[];
  readonly initializers: TensorProto[];
  /** Appends a node and gives the name of its (first) output. */
  emit(opType: string, inputs: readonly string[], attributes?: Readonly<Record<string, AttributeValue>>): string;
  /** Appends a node with several outputs. */
  emitMany(opType: string, inputs: readonly string[], outputs: number, attributes?: Readonly<Record<string, AttributeValue>>): string[];
  /** A constant; equal ones are kept once. */
  constant(type: ElementType, dims: readonly number[], values: ArrayLike<number>): string;
  scalar(type: ElementType, value: number): string;
  int64s(values: readonly number[]): string;
}

export function createScope(prefix: string): Scope {
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const known = new Map<string, string>();
  let count = 0;
  const scope: Scope = {
    nodes,
    initializers,
    emit: (opType, inputs, attributes) => scope.emitMany(opType, inputs, 1, attributes)[0]!,
    emitMany(opType, inputs, outputs, attributes = {}) {
      const output = Array.from({ length: outputs }, () => `${prefix}${count++}`);
      nodes.push({ opType, input: inputs, output, attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)) });
      return output;
    },
    constant(type, dims, values) {
      const key =
        values.length <= 32 ? `${type}[${dims}]${Array.from(values, (value) => (Object.is(value, -0) ? '-0' : value)).join()}` : null;
      if (key !== null && known.has(key)) return known.get(key)!;
      const name = `${prefix}c${initializers.length}`;
      initializers.push(tensor(name, type, dims, values));
      if (key !== null) known.set(key, name);
      return name;
    },
    scalar: (type, value) => scope.constant(type, [], [value]),
    int64s: (values) => scope.constant('int64', [values.length], values),
  };
  return scope;
}

/** What a lowering sees: where to emit, the names of the node's inputs, and the few facts that decide on a fusion. */
export interface Lowering {
  readonly scope: Scope;
  readonly node: Node;
  readonly inputs: readonly string[];
  readonly dtype: DType;
  /** The boolean tensor behind a comparison, where `name` came out of one. */
  booleanOf(node: Node): string | undefined;
  setBoolean(node: Node, name: string): void;
}
