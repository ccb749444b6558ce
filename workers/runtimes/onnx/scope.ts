/** @file One ONNX graph under construction: the main graph of a model, or the body of its loop. */
import { sizeOf, type DType, type Node, type TensorType } from '#core/graph/node.ts';
import {
  attribute,
  tensor,
  valueInfo,
  type AttributeValue,
  type ElementType,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from './proto.ts';

export interface Scope {
  readonly nodes: NodeProto[];
  readonly initializers: TensorProto[];
  /** Appends a node and gives the name of its (first) output. */
  emit(opType: string, inputs: readonly string[], attributes?: Readonly<Record<string, AttributeValue>>): string;
  /** Appends a node with several outputs. */
  emitMany(opType: string, inputs: readonly string[], outputs: number, attributes?: Readonly<Record<string, AttributeValue>>): string[];
  /** A constant; equal ones are kept once. */
  constant(type: ElementType, dims: readonly number[], values: ArrayLike<number>): string;
  /** A constant of one value throughout, written down: for operators that take it faster than what `Expand` makes. */
  filled(type: ElementType, dims: readonly number[], value: number): string;
  scalar(type: ElementType, value: number): string;
  int64s(values: readonly number[]): string;
  /** An `If` on a scalar: only the branch that is taken runs. Branches see the names of this scope. */
  either(condition: string, result: TensorType, then: (scope: Scope) => string, otherwise: (scope: Scope) => string): string;
  /**
   * A `Scan` along the first axis of the inputs, given with the type of a slice. Its results are joined along a new first axis; with a
   * `start` a single one goes from slice to slice. The body sees the names of this scope.
   */
  scan(
    inputs: readonly (readonly [name: string, slice: TensorType])[],
    result: TensorType,
    body: (scope: Scope, slices: readonly string[], carried?: string) => string,
    start?: string,
  ): string;
}

export function createScope(prefix: string): Scope {
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const known = new Map<string, string>();
  let count = 0;
  const initializer = (type: ElementType, dims: readonly number[], values: ArrayLike<number>): string => {
    const name = `${prefix}c${initializers.length}`;
    initializers.push(tensor(name, type, dims, values));
    return name;
  };
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
      if (values.length > 32) return initializer(type, dims, values);
      const key = `${type}[${dims}]${Array.from(values, (value) => (Object.is(value, -0) ? '-0' : value)).join()}`;
      if (!known.has(key)) known.set(key, initializer(type, dims, values));
      return known.get(key)!;
    },
    filled(type, dims, value) {
      const key = `${type}[${dims}] all ${value}`;
      if (!known.has(key)) known.set(key, initializer(type, dims, new Float64Array(sizeOf(dims)).fill(value)));
      return known.get(key)!;
    },
    scalar: (type, value) => scope.constant(type, [], [value]),
    int64s: (values) => scope.constant('int64', [values.length], values),
    either(condition, { dtype, shape }, then, otherwise) {
      const branch = (name: string, fill: (inner: Scope) => string): GraphProto => {
        const inner = createScope(`${prefix}${count++}_`);
        const output = inner.emit('Identity', [fill(inner)]);
        return { name, node: inner.nodes, initializer: inner.initializers, input: [], output: [valueInfo(output, dtype, shape)] };
      };
      const [output, yes, no] = [`${prefix}${count++}`, branch('then', then), branch('else', otherwise)];
      const graph = (name: string, g: GraphProto) => ({ name, type: 5, g });
      nodes.push({ opType: 'If', input: [condition], output: [output], attribute: [graph('then_branch', yes), graph('else_branch', no)] });
      return output;
    },
    scan(inputs, result, body, start) {
      const [output, own] = [`${prefix}${count++}`, `${prefix}${count++}_`];
      const inner = createScope(own);
      const carried = start === undefined ? [] : [`${own}carried`];
      const slices = inputs.map((_, i) => `${own}slice${i}`);
      const end = inner.emit('Identity', [body(inner, slices, carried[0])]);
      const graph: GraphProto = {
        name: 'slices',
        node: inner.nodes,
        initializer: inner.initializers,
        input: [
          ...carried.map((name) => valueInfo(name, result.dtype, result.shape)),
          ...inputs.map(([, { dtype, shape }], i) => valueInfo(slices[i]!, dtype, shape)),
        ],
        output: [valueInfo(end, result.dtype, result.shape)],
      };
      nodes.push({
        opType: 'Scan',
        input: [...(start === undefined ? [] : [start]), ...inputs.map(([name]) => name)],
        output: [output],
        attribute: [{ name: 'body', type: 5, g: graph }, attribute('num_scan_inputs', inputs.length)],
      });
      return output;
    },
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
  /** Nobody reads the node but conditions of `where`, which take the boolean. */
  readonly decides: boolean;
  /** A training step on a processor, where microseconds count and float64 is at hand. */
  readonly stepping?: boolean;
}
