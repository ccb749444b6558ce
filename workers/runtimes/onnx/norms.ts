/**
 * @file Norms of many tensors that are read together, as those of every layer's activations: one sum of squares each, and one question for all
 * whether a square can have left float32's range.
 *
 * A norm by itself goes through float64 (five operators over twice the bytes): 51 of 128 x 64 values took a quarter of a training step.
 */
import { sizeOf, type Node } from '#core/graph/node.ts';
import { concatenation } from './concatenation.ts';
import { elementType } from './proto.ts';
import type { Lowering, Scope } from './scope.ts';

/** Sums of squares that have lost nothing worth a digit to what float32 cannot hold. */
const [smallest, largest] = [1e-24, 1e36];

// 48 members of 64x64 take 38 µs (ONNX Runtime 1.30, one thread); ReduceSumSquare takes 109, a batched MatMul of rows and columns 311
const sumOfSquares = (at: Scope, x: string, axes: readonly number[], keepdims: number) =>
  at.emit('ReduceSum', [at.emit('Mul', [x, x]), at.int64s(axes)], { keepdims });
const rootOfSquares = (at: Scope, x: string, axes: readonly number[], keepdims: number) =>
  at.emit('Sqrt', [sumOfSquares(at, x, axes, keepdims)]);
/** [1, 1], of one large tensor as a matrix product: no square is written down. */
function productWithItself(at: Scope, x: string): string {
  const row = at.emit('Reshape', [x, at.int64s([1, -1])]);
  return at.emit('Gemm', [row, row], { transB: 1 });
}

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
  const rootOfProduct = (at: Scope, x: string) => at.emit('Sqrt', [at.emit('Reshape', [productWithItself(at, x), at.int64s(node.shape)])]);
  if (dtype === 'float32') {
    const careful = (at: Scope) => inFloat64(at, inputs[0]!, axes, keepdims);
    if (sizeOf(node.inputs[0]!.shape) < largeNorm) return careful(scope);
    const quick = sizeOf(node.shape) === 1 ? rootOfProduct(scope, inputs[0]!) : rootOfSquares(scope, inputs[0]!, axes, keepdims);
    return scope.either(usual(scope, quick, Math.sqrt(smallest), Math.sqrt(largest)), node, (at) => at.emit('Identity', [quick]), careful);
  }
  const most = scope.emit('ReduceMax', [scope.emit('Abs', [inputs[0]!]), scope.int64s(axes)], { keepdims: 1 });
  const usable = scope.emit('And', [
    scope.emit('Greater', [most, scope.scalar(dtype, 0)]),
    scope.emit('Less', [most, scope.scalar(dtype, Infinity)]),
  ]);
  const unit = scope.emit('Where', [usable, most, scope.scalar(dtype, 1)]);
  const kept = scope.emit('Mul', [rootOfSquares(scope, scope.emit('Div', [inputs[0]!, unit]), axes, 1), unit]);
  return keepdims ? kept : scope.emit('Squeeze', [kept, scope.int64s(axes)]);
}

/** Norms that stand side by side in a join, and share a question. */
type Run = readonly Node[];

export interface JointNorms {
  /** By each of its norms. */
  readonly runs: ReadonlyMap<Node, Run>;
  /** What joins with runs are made of, a run by its first norm. */
  readonly joins: ReadonlyMap<Node, readonly Node[]>;
  /** Norms of runs, and their reshapes. */
  readonly skipped: ReadonlySet<Node>;
}

export function jointNorms(order: readonly Node[], uses: ReadonlyMap<Node, readonly Node[]>): JointNorms {
  const [runs, joins, skipped] = [new Map<Node, Run>(), new Map<Node, readonly Node[]>(), new Set<Node>()];
  const alone = (node: Node) => uses.get(node)!.length === 1;
  for (const node of order) {
    if (node.op !== 'concat' || node.shape.length !== 1) continue;
    const groups: { parts: Node[]; norms: Node[] }[] = [];
    for (const part of node.inputs) {
      const norm = normOf(part);
      const joint = norm && alone(norm) && alone(part) ? [norm] : [];
      const last = groups.at(-1);
      if (joint.length > 0 && last && last.norms.length > 0) {
        last.parts.push(part);
        last.norms.push(...joint);
      } else groups.push({ parts: [part], norms: joint });
    }
    const shared = groups.filter(({ norms }) => norms.length > 1);
    if (shared.length === 0) continue;
    for (const { parts, norms } of shared) {
      for (const norm of norms) runs.set(norm, norms);
      for (const node of [...parts, ...norms]) skipped.add(node);
    }
    joins.set(
      node,
      groups.flatMap(({ parts, norms }) => (norms.length > 1 ? norms[0]! : parts)),
    );
  }
  return { runs, joins, skipped };
}

/** The norm of all of a tensor, or of each of its members along the first axis, behind a part of a join. */
function normOf(part: Node): Node | null {
  const norm = part.op === 'reshape' ? part.inputs[0]! : part;
  if (norm.op !== 'norm' || norm.dtype !== 'float32') return null;
  const axes = norm.attrs.axes as number[];
  return sizeOf(norm.shape) === 1 || (axes.length === norm.inputs[0]!.shape.length - 1 && !axes.includes(0)) ? norm : null;
}

// ReduceSumSquare of all of a tensor is as fast as its product with itself, in one operator; beyond this it is five times less exact
const longSum = 65_536;

/** @param names of what the norms are of */
export function emitNorms(scope: Scope, run: Run, names: readonly string[]): string {
  const rank = run[0]!.inputs[0]!.shape.length;
  const type = { dtype: 'float32', shape: [run.reduce((sum, { shape }) => sum + sizeOf(shape), 0)] } as const;
  /** A column [G, 1, …] for each norm, all of one rank, in one vector. */
  const joined = (at: Scope, column: (name: string, of: Node, norm: Node) => { name: string; rank: number }) => {
    const columns = run.map((norm, i) => {
      const made = column(names[i]!, norm.inputs[0]!, norm);
      const shape = Array.from({ length: rank }, (_, axis) => (axis === 0 ? sizeOf(norm.shape) : 1));
      return made.rank === rank ? made.name : at.emit('Reshape', [made.name, at.int64s(shape)]);
    });
    return at.emit('Reshape', [concatenation(at, columns, 0), at.int64s(type.shape)]);
  };
  const axesOf = ({ shape }: Node, norm: Node) => [...shape.keys()].slice(sizeOf(norm.shape) > 1 ? 1 : 0);
  const squaresOf = (at: Scope, seen = (name: string) => name) =>
    joined(at, (from, of, norm) => {
      const name = seen(from);
      if (sizeOf(norm.shape) > 1) return { name: sumOfSquares(at, name, axesOf(of, norm), 1), rank: of.shape.length };
      if (sizeOf(of.shape) <= longSum) return { name: at.emit('ReduceSumSquare', [name], { keepdims: 1 }), rank: of.shape.length };
      return { name: productWithItself(at, name), rank: 2 };
    });
  const squares = squaresOf(scope);
  /** Where vanished values are all that is amiss, they are seen 2¹⁰⁰ times as large. */
  const enlarged = (at: Scope) => {
    const large = squaresOf(at, (name) => at.emit('Mul', [name, at.scalar('float32', 2 ** 100)]));
    const small = at.emit('Mul', [at.emit('Sqrt', [large]), at.scalar('float32', 2 ** -100)]);
    return at.emit('Where', [at.emit('Less', [squares, at.scalar('float32', smallest)]), small, at.emit('Sqrt', [squares])]);
  };
  const careful = (at: Scope) =>
    joined(at, (name, of, norm) => ({ name: inFloat64(at, name, axesOf(of, norm), 1), rank: of.shape.length }));
  return scope.either(
    usual(scope, squares, smallest, largest),
    type,
    (at) => at.emit('Sqrt', [squares]),
    (at) => at.either(below(at, squares, largest), type, enlarged, careful),
  );
}

/** Whether all values lie between the bounds; not where one is not a number. */
const usual = (scope: Scope, values: string, low: number, high: number): string =>
  scope.emit('And', [
    scope.emit('Greater', [scope.emit('ReduceMin', [values], { keepdims: 0 }), scope.scalar('float32', low)]),
    below(scope, values, high),
  ]);

const below = (scope: Scope, values: string, high: number): string =>
  scope.emit('Less', [scope.emit('ReduceMax', [values], { keepdims: 0 }), scope.scalar('float32', high)]);
