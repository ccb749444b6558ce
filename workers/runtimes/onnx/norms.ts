/**
 * @file Norms of many tensors that are read together, as those of every layer's activations: one inner product each, and one question for all
 * whether a square can have left float32's range.
 *
 * A norm by itself goes through float64 (five operators over twice the bytes): 51 of 128 x 64 values took a quarter of a training step.
 */
import { sizeOf, type Node } from '#core/graph/node.ts';
import { concatenation } from './concatenation.ts';
import { elementType } from './proto.ts';
import type { Lowering, Scope } from './scope.ts';

// 48 members of 64x64 take 38 µs (ONNX Runtime 1.30, one thread); ReduceSumSquare takes 109, a batched MatMul of rows and columns 311
const rootOfSquares = (at: Scope, x: string, axes: readonly number[], keepdims: number) =>
  at.emit('Sqrt', [at.emit('ReduceSum', [at.emit('Mul', [x, x]), at.int64s(axes)], { keepdims })]);

/** In float64 the squares of every float32 exist. */
const inFloat64 = (at: Scope, x: string, axes: readonly number[], keepdims: number) =>
  at.emit('Cast', [rootOfSquares(at, at.emit('Cast', [x], { to: elementType.float64 }), axes, keepdims)], { to: elementType.float32 });

// a norm of this many values by way of float64 costs four times a float32 sum of squares (49x64x64: 0.13 ms against 0.03), a branch costs 5 µs
const largeNorm = 16_384;

/**
 * float32: in float64, where the squares of every float32 exist; large ones in float32 where all norms turn out far from its limits.
 * float64: by the largest value.
 */
export function norm({ scope, inputs, node, dtype }: Lowering): string {
  const axes = node.attrs.axes as number[];
  const keepdims = node.attrs.keepDims ? 1 : 0;
  // one large tensor with itself, as a matrix product: no square is written down
  const rootOfProduct = (at: Scope, x: string) => {
    const row = at.emit('Reshape', [x, at.int64s([1, -1])]);
    return at.emit('Sqrt', [at.emit('Reshape', [at.emit('Gemm', [row, row], { transB: 1 }), at.int64s(node.shape)])]);
  };
  if (dtype === 'float32') {
    const careful = (at: Scope) => inFloat64(at, inputs[0]!, axes, keepdims);
    if (sizeOf(node.inputs[0]!.shape) < largeNorm) return careful(scope);
    const quick = sizeOf(node.shape) === 1 ? rootOfProduct(scope, inputs[0]!) : rootOfSquares(scope, inputs[0]!, axes, keepdims);
    return scope.either(usual(scope, quick, 1e-12, 1e18), node, (at) => at.emit('Identity', [quick]), careful);
  }
  const largest = scope.emit('ReduceMax', [scope.emit('Abs', [inputs[0]!]), scope.int64s(axes)], { keepdims: 1 });
  const usable = scope.emit('And', [
    scope.emit('Greater', [largest, scope.scalar(dtype, 0)]),
    scope.emit('Less', [largest, scope.scalar(dtype, Infinity)]),
  ]);
  const unit = scope.emit('Where', [usable, largest, scope.scalar(dtype, 1)]);
  const kept = scope.emit('Mul', [rootOfSquares(scope, scope.emit('Div', [inputs[0]!, unit]), axes, 1), unit]);
  return keepdims ? kept : scope.emit('Squeeze', [kept, scope.int64s(axes)]);
}

/** Larger tensors would stay in memory for the question's sake. */
const jointValues = 65_536;

export interface JointNorms {
  /** A join of norms, and what each is the norm of. */
  readonly joins: ReadonlyMap<Node, readonly Node[]>;
  /** Norms that nobody else reads, and their reshapes. */
  readonly skipped: ReadonlySet<Node>;
}

/** The whole norm behind one value. */
function normOf(part: Node): Node | null {
  const norm = part.op === 'reshape' ? part.inputs[0]! : part;
  const whole = norm.op === 'norm' && sizeOf(norm.shape) === 1 && norm.dtype === 'float32';
  return whole && sizeOf(norm.inputs[0]!.shape) <= jointValues ? norm : null;
}

export function jointNorms(order: readonly Node[], uses: ReadonlyMap<Node, readonly Node[]>): JointNorms {
  const joins = new Map<Node, readonly Node[]>();
  const skipped = new Set<Node>();
  for (const node of order) {
    if (node.op !== 'concat' || node.shape.length !== 1) continue;
    const norms = node.inputs.map(normOf);
    const alone = (of: Node, reader: Node) => uses.get(of)!.every((use) => use === reader);
    if (!node.inputs.every((part, i) => norms[i] && alone(part, node) && (part === norms[i] || alone(norms[i], part)))) continue;
    joins.set(
      node,
      norms.map((norm) => norm!.inputs[0]!),
    );
    for (const part of [...node.inputs, ...norms]) skipped.add(part!);
  }
  return { joins, skipped };
}

/** @param sources what the norms are of, by name */
export function emitNorms(scope: Scope, node: Node, sources: readonly (readonly [name: string, of: Node])[]): string {
  const join = (at: Scope, parts: readonly string[]) => at.emit('Reshape', [concatenation(at, parts, 0), at.int64s(node.shape)]);
  const squares = join(
    scope,
    sources.map(([name]) => {
      const row = scope.emit('Reshape', [name, scope.int64s([1, -1])]);
      return scope.emit('Gemm', [row, row], { transB: 1 }); // [1, 1]; no square is written down
    }),
  );
  const careful = (at: Scope) =>
    join(
      at,
      sources.map(([name, { shape }]) => at.emit('Reshape', [inFloat64(at, name, [...shape.keys()], 0), at.int64s([1, 1])])),
    );
  return scope.either(usual(scope, squares, 1e-24, 1e36), node, (at) => at.emit('Sqrt', [squares]), careful);
}

/** Whether all values lie between the bounds; not where one is not a number. */
function usual(scope: Scope, values: string, low: number, high: number): string {
  const extreme = (opType: string) => scope.emit(opType, [values], { keepdims: 0 });
  return scope.emit('And', [
    scope.emit('Greater', [extreme('ReduceMin'), scope.scalar('float32', low)]),
    scope.emit('Less', [extreme('ReduceMax'), scope.scalar('float32', high)]),
  ]);
}
