/** @file Rows of x by int32 indices of any shape: [R, …] and [I…] give [I…, …]. */
import { around } from '../shapes.ts';
import { sizeOf, type Node, type Op } from '../node.ts';

export const gather: Op<[x: Node, indices: Node]> = {
  name: 'gather',
  build: (g, x, indices) => g.node('gather', [x, indices]),
  infer([x, indices]) {
    if (indices!.dtype !== 'int32') throw new TypeError(`gather: indices must be int32, got ${indices!.dtype}`);
    if (x!.shape.length === 0) throw new RangeError('gather: x needs a first axis, got a scalar');
    return { shape: [...indices!.shape, ...x!.shape.slice(1)], dtype: x!.dtype };
  },
  reverse: (g, { inputs: [x, indices] }, dy, [needs]) => [needs ? g.scatterAdd(indices!, dy, x!.shape[0]!) : null, null],
  forward: (g, { inputs }, [dx]) => (dx ? g.gather(dx, inputs[1]!) : null),
  evaluate([x, indices], node) {
    const [, rows, inner] = around(node.inputs[0]!.shape, 0);
    const out = node.dtype === 'int32' ? new Int32Array(sizeOf(node.shape)) : new Float64Array(sizeOf(node.shape));
    indices!.forEach((row, i) => {
      if (!(row >= 0 && row < rows)) throw new RangeError(`gather: index ${row} is outside 0…${rows - 1}`);
      out.set(x!.subarray(row * inner, (row + 1) * inner), i * inner);
    });
    return out;
  },
  cases: [
    { title: 'a batch with a row twice', inputs: [{ shape: [4, 3] }], make: (g, [x]) => g.gather(x!, g.constant(Int32Array.of(2, 0, 2))) },
    { title: 'one row', inputs: [{ shape: [4, 3] }], make: (g, [x]) => g.gather(x!, g.constant(Int32Array.of(1))) },
  ],
};
