/** @file Matrix product, either factor transposed on the way: [M, K] x [K, N], or batches [G, M, K] x [G, K, N]. */
import { sizeOf, type Node, type Op, type Shape } from '../node.ts';

export interface MatMulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}
type Attributes = { transposeA: boolean; transposeB: boolean };

/** [G, rows, columns] after the transposition. */
function dims(shape: Shape, transposed: boolean): [batch: number, rows: number, columns: number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return [shape.length === 3 ? shape[0]! : 1, transposed ? columns : rows, transposed ? rows : columns];
}

export const matMul: Op<[a: Node, b: Node, options?: MatMulOptions], Attributes> = {
  name: 'matMul',
  build: (g, a, b, { transposeA = false, transposeB = false } = {}) => g.node('matMul', [a, b], { transposeA, transposeB }),
  infer([a, b], { transposeA, transposeB }) {
    const [x, y] = [a!, b!];
    const text = `${x.dtype}[${x.shape}]${transposeA ? 'ᵀ' : ''} and ${y.dtype}[${y.shape}]${transposeB ? 'ᵀ' : ''}`;
    if (x.dtype === 'int32' || x.dtype !== y.dtype) throw new TypeError(`matMul: both factors must be of one float type, got ${text}`);
    if (x.shape.length !== y.shape.length || (x.shape.length !== 2 && x.shape.length !== 3))
      throw new RangeError(`matMul: two matrices or two batches of them, got ${text}`);
    const [batchA, rows, inner] = dims(x.shape, transposeA);
    const [batchB, innerB, columns] = dims(y.shape, transposeB);
    if (inner !== innerB || batchA !== batchB) throw new RangeError(`matMul: inner sizes (and batches) must agree, got ${text}`);
    return { shape: x.shape.length === 3 ? [batchA, rows, columns] : [rows, columns], dtype: x.dtype };
  },
  reverse(g, { inputs: [a, b], attrs }, dy, needs) {
    const { transposeA: ta, transposeB: tb } = attrs as Attributes;
    const toA = () => (ta ? g.matMul(b!, dy, { transposeA: tb, transposeB: true }) : g.matMul(dy, b!, { transposeB: !tb }));
    const toB = () => (tb ? g.matMul(dy, a!, { transposeA: true, transposeB: ta }) : g.matMul(a!, dy, { transposeA: !ta }));
    return [needs[0] ? toA() : null, needs[1] ? toB() : null];
  },
  forward(g, { inputs: [a, b], attrs }, [da, db]) {
    const left = da ? g.matMul(da, b!, attrs) : null;
    const right = db ? g.matMul(a!, db, attrs) : null;
    return left && right ? g.add(left, right) : (left ?? right);
  },
  evaluate([a, b], node) {
    const { transposeA, transposeB } = node.attrs as Attributes;
    const [batch, rows, inner] = dims(node.inputs[0]!.shape, transposeA);
    const columns = node.shape.at(-1)!;
    const out = new Float64Array(sizeOf(node.shape));
    const [aRow, aInner] = transposeA ? [1, rows] : [inner, 1];
    const [bInner, bColumn] = transposeB ? [1, inner] : [columns, 1];
    for (let g = 0; g < batch; g++)
      for (let i = 0; i < rows; i++)
        for (let k = 0; k < inner; k++) {
          const factor = a![g * rows * inner + i * aRow + k * aInner]!;
          const to = (g * rows + i) * columns;
          const from = g * inner * columns + k * bInner;
          for (let j = 0; j < columns; j++) out[to + j]! += factor * b![from + j * bColumn]!;
        }
    return out;
  },
  cases: [
    { title: 'plain', inputs: [{ shape: [2, 3] }, { shape: [3, 4] }] },
    {
      title: 'first transposed',
      inputs: [{ shape: [3, 2] }, { shape: [3, 4] }],
      make: (g, [a, b]) => g.matMul(a!, b!, { transposeA: true }),
    },
    {
      title: 'second transposed',
      inputs: [{ shape: [2, 3] }, { shape: [4, 3] }],
      make: (g, [a, b]) => g.matMul(a!, b!, { transposeB: true }),
    },
    {
      title: 'both transposed',
      inputs: [{ shape: [3, 2] }, { shape: [4, 3] }],
      make: (g, [a, b]) => g.matMul(a!, b!, { transposeA: true, transposeB: true }),
    },
    { title: 'a batch', inputs: [{ shape: [2, 2, 3] }, { shape: [2, 3, 2] }] },
    {
      title: 'a batch, transposed',
      inputs: [{ shape: [2, 3, 2] }, { shape: [2, 4, 3] }],
      make: (g, [a, b]) => g.matMul(a!, b!, { transposeA: true, transposeB: true }),
    },
    { title: 'of size one', inputs: [{ shape: [1, 1] }, { shape: [1, 1] }] },
  ],
};
