/** @file What elementwise ops share: broadcasting of shapes and values, and the sums that undo it in reverse. */
import type { Builder } from './builder.ts';
import { sizeOf, type DType, type Node, type Op, type OpCase, type Shape, type TensorType, type Values } from './node.ts';

/** Shape rule of an op that keeps shape and (float) type. */
export function sameType(inputs: readonly TensorType[]): TensorType {
  const { shape, dtype } = inputs[0]!;
  if (dtype === 'int32') throw new TypeError('elementwise ops take float32 or float64, got int32; cast first');
  return { shape, dtype };
}

function mapValues(x: Values, f: (value: number) => number): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) out[i] = f(x[i]!);
  return out;
}

/** NumPy's rule: trailing axes line up, an axis of 1 stretches. Throws RangeError where they do not fit. */
export function broadcastShapes(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1)
      throw new RangeError(`shapes [${a}] and [${b}] do not broadcast: axis ${i} is ${left} against ${right}`);
    return left === 1 ? right : left;
  });
}

/** Sums `x` down to `shape`, the transpose of broadcasting `shape` to `x.shape`. */
export function sumToShape(g: Builder, x: Node, shape: Shape): Node {
  if (x.shape.length === shape.length && x.shape.every((n, i) => n === shape[i])) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((n, i) => (i < lead || (shape[i - lead] === 1 && n !== 1) ? [i] : []));
  return g.reshape(g.sum(x, axes), shape);
}

/** For every element of `to`, the flat index of the element of `from` that it is read from. */
export function broadcastIndex(from: Shape, to: Shape): Int32Array {
  const index = new Int32Array(sizeOf(to));
  const lead = to.length - from.length;
  const strides = new Array<number>(to.length).fill(0);
  for (let axis = to.length - 1, stride = 1; axis >= lead; axis--) {
    strides[axis] = from[axis - lead] === 1 ? 0 : stride;
    stride *= from[axis - lead]!;
  }
  let filled = 1;
  for (let axis = to.length - 1; axis >= 0; axis--) {
    for (let k = 1; k < to[axis]!; k++) for (let i = 0; i < filled; i++) index[k * filled + i] = index[i]! + k * strides[axis]!;
    filled *= to[axis]!;
  }
  return index;
}

/** Applies `f` to broadcast pairs. */
function zipValues(node: Node, [x, y]: readonly Values[], f: (a: number, b: number) => number): Float64Array {
  const out = new Float64Array(sizeOf(node.shape));
  const [a, b] = node.inputs;
  if (x!.length === out.length && y!.length === out.length) for (let i = 0; i < out.length; i++) out[i] = f(x![i]!, y![i]!);
  else if (y!.length === 1) for (let i = 0; i < out.length; i++) out[i] = f(x![x!.length === 1 ? 0 : i]!, y![0]!);
  else {
    const [ix, iy] = [broadcastIndex(a!.shape, node.shape), broadcastIndex(b!.shape, node.shape)];
    for (let i = 0; i < out.length; i++) out[i] = f(x![ix[i]!]!, y![iy[i]!]!);
  }
  return out;
}

/** A number stands for a scalar constant of the graph's precision. */
export const asNode = (g: Builder, x: Node | number): Node => (typeof x === 'number' ? g.constant(x) : x);

/** The value of a scalar (or filled) constant, else undefined: for identities such as x·1 = x. */
export const scalarValue = (node: Node): number | undefined =>
  node.op === 'constant' && typeof node.attrs.value === 'number' ? node.attrs.value : undefined;

function binaryType(name: string, [a, b]: readonly TensorType[]): TensorType {
  if (a!.dtype !== b!.dtype || a!.dtype === 'int32')
    throw new TypeError(`${name}: both inputs must be of one float type, got ${a!.dtype} and ${b!.dtype}`);
  return { shape: broadcastShapes(a!.shape, b!.shape), dtype: a!.dtype as DType };
}

type Partials = (g: Builder, node: Node) => readonly [a: (d: Node) => Node, b: (d: Node) => Node];

/**
 * A binary op from its value and its two partial derivatives, each a linear map of the cotangent or tangent.
 * `peephole` may answer with a node that is equal on every input, NaN included.
 */
export function binaryOp(
  name: string,
  f: (a: number, b: number) => number,
  partials: Partials | null,
  cases: readonly OpCase[],
  peephole?: (g: Builder, a: Node, b: Node) => Node | null,
): Op<[a: Node | number, b: Node | number]> {
  return {
    name,
    build(g, a, b) {
      const [x, y] = [asNode(g, a), asNode(g, b)];
      const [p, q] = [scalarValue(x), scalarValue(y)];
      if (p !== undefined && q !== undefined && x.shape.length === 0 && y.shape.length === 0) return g.constant(f(p, q));
      return peephole?.(g, x, y) ?? g.node(name, [x, y]);
    },
    infer: (inputs) => binaryType(name, inputs),
    reverse(g, node, dy, needs) {
      if (!partials) return [null, null];
      const [toA, toB] = partials(g, node);
      const [a, b] = node.inputs;
      return [needs[0] ? sumToShape(g, toA(dy), a!.shape) : null, needs[1] ? sumToShape(g, toB(dy), b!.shape) : null];
    },
    forward(g, node, [da, db]) {
      if (!partials || (!da && !db)) return null;
      const [toA, toB] = partials(g, node);
      const spread = (d: Node) =>
        d.shape.length === node.shape.length && d.shape.every((n, i) => n === node.shape[i]) ? d : g.broadcastTo(d, node.shape);
      if (!da) return spread(toB(db!));
      if (!db) return spread(toA(da));
      return spread(g.add(toA(da), toB(db)));
    },
    evaluate: (values, node) => zipValues(node, values, f),
    cases,
  };
}

/** A unary op from its value and its derivative φ'(x), given the input and the output. */
export function unaryOp(
  name: string,
  f: (x: number) => number,
  derivative: ((g: Builder, x: Node, y: Node) => Node) | null,
  range: { low: number; high: number },
  constantFold = true,
): Op<[x: Node]> {
  const chain = (g: Builder, node: Node, d: Node) => g.mul(d, derivative!(g, node.inputs[0]!, node));
  return {
    name,
    build(g, x) {
      const value = scalarValue(x);
      return constantFold && value !== undefined && x.shape.length === 0 ? g.constant(f(value)) : g.node(name, [x]);
    },
    infer: sameType,
    reverse: (g, node, dy) => [derivative ? chain(g, node, dy) : null],
    forward: (g, node, [dx]) => (derivative && dx ? chain(g, node, dx) : null),
    evaluate: ([x]) => mapValues(x!, f),
    cases: [
      { title: 'a matrix', inputs: [{ shape: [3, 4], ...range }], differentiable: derivative !== null },
      { title: 'one value', inputs: [{ shape: [1, 1], ...range }], differentiable: derivative !== null },
      { title: 'a scalar', inputs: [{ shape: [], ...range }], differentiable: derivative !== null },
    ],
  };
}

/** The derivative of max or min goes to the input that `wins` says is picked, half to each at a tie; what the first does not get, the second gets. */
export const picked =
  (wins: (g: Builder, a: Node, b: Node) => Node): Partials =>
  (g, { inputs: [a, b] }) => {
    const share = g.where(g.equal(a!, b!), 0.5, wins(g, a!, b!));
    const first = (d: Node) => g.mul(d, share);
    return [first, (d) => g.sub(d, first(d))];
  };
