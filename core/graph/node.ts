/** @file What a graph is made of: typed nodes without side effects, each made by one op from other nodes. */
import type { Builder } from './builder.ts';

export type DType = 'float32' | 'float64' | 'int32';
export type Shape = readonly number[];
export type Attrs = Readonly<Record<string, unknown>>;

/** Row-major values of a node, as the runtimes hand them around. */
export type Values = Float32Array | Float64Array | Int32Array;

/** What is known about a node before it runs. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** One value of the graph. Nodes are interned: the same op on the same inputs with the same attributes is the same object. */
export interface Node extends TensorType {
  readonly id: number;
  readonly op: string;
  readonly inputs: readonly Node[];
  readonly attrs: Attrs;
}

/** Example inputs for the generic tests: the op is built on inputs of these types, filled by the range given. */
export interface OpCase {
  readonly title: string;
  readonly inputs: readonly { shape: Shape; dtype?: DType; low?: number; high?: number }[];
  /** Builds the node under test; defaults to `op.build(g, ...inputs)`. */
  readonly make?: (g: Builder, inputs: Node[]) => Node;
  /** False where a derivative does not exist or is zero by definition (comparisons, integer results). */
  readonly differentiable?: boolean;
}

/**
 * One op. An op exists when shape rule, reverse rule, forward rule, float64 evaluation and both lowerings exist
 * (`workers/runtimes/onnx`, `workers/runtimes/tensorflow`) and the generic test over `cases` passes on all of them.
 */
export interface Op<Args extends unknown[] = never[], A extends Attrs = Attrs> {
  readonly name: string;
  /** Checks the arguments, computes attributes and calls `g.node`. Throws `TypeError`/`RangeError`: what, got, allowed. */
  readonly build: (g: Builder, ...args: Args) => Node;
  /** The shape rule. Throws where the inputs do not fit. */
  readonly infer: (inputs: readonly TensorType[], attrs: A) => TensorType;
  /** Cotangents of the inputs given the output's; null where an input gets none. `needs[i]` is false where nobody asks. */
  readonly reverse: (g: Builder, node: Node, cotangent: Node, needs: readonly boolean[]) => (Node | null)[];
  /** Tangent of the output given the inputs' (null is an exact zero); null when the result is an exact zero. */
  readonly forward: (g: Builder, node: Node, tangents: readonly (Node | null)[]) => Node | null;
  /** The value in plain TypeScript; float dtypes are computed and returned in float64, int32 in Int32Array. */
  readonly evaluate: (inputs: readonly Values[], node: Node) => Float64Array | Int32Array;
  readonly cases: readonly OpCase[];
}

export const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

/** So many zeros, as a runtime holds them. */
export const zerosOf = (dtype: DType, size: number): Values =>
  dtype === 'float32' ? new Float32Array(size) : dtype === 'float64' ? new Float64Array(size) : new Int32Array(size);
