/** @file Adds rows into zeros by int32 indices: [I…] and [I…, …] give [rows, …]. The transpose of gather. */
import { sizeOf, type Node, type Op } from '../node.ts';

export const scatterAdd: Op<[indices: Node, updates: Node, rows: number], { rows: number }> = {
  name: 'scatterAdd',
  build: (g, indices, updates, rows) => g.node('scatterAdd', [indices, updates], { rows }),
  infer([indices, updates], { rows }) {
    if (indices!.dtype !== 'int32' || updates!.dtype === 'int32')
      throw new TypeError(`scatterAdd: int32 indices and float updates, got ${indices!.dtype} and ${updates!.dtype}`);
    if (!Number.isInteger(rows) || rows < 1) throw new RangeError(`scatterAdd: rows must be a positive integer, got ${rows}`);
    if (indices!.shape.some((n, i) => n !== updates!.shape[i]))
      throw new RangeError(`scatterAdd: updates [${updates!.shape}] must begin with the indices' shape [${indices!.shape}]`);
    return { shape: [rows, ...updates!.shape.slice(indices!.shape.length)], dtype: updates!.dtype };
  },
  reverse: (g, { inputs: [indices] }, dy) => [null, g.gather(dy, indices!)],
  forward: (g, { inputs, attrs }, [, dx]) => (dx ? g.scatterAdd(inputs[0]!, dx, attrs.rows as number) : null),
  evaluate([indices, updates], node) {
    const out = new Float64Array(sizeOf(node.shape));
    const inner = out.length / node.shape[0]!;
    indices!.forEach((row, i) => {
      if (!(row >= 0 && row < node.shape[0]!)) throw new RangeError(`scatterAdd: index ${row} is outside 0…${node.shape[0]! - 1}`);
      for (let k = 0; k < inner; k++) out[row * inner + k]! += updates![i * inner + k]!;
    });
    return out;
  },
  cases: [
    { title: 'a row twice', inputs: [{ shape: [3, 2] }], make: (g, [x]) => g.scatterAdd(g.constant(Int32Array.of(1, 3, 1)), x!, 5) },
    { title: 'into one row', inputs: [{ shape: [3, 2] }], make: (g, [x]) => g.scatterAdd(g.constant(Int32Array.of(0, 0, 0)), x!, 1) },
  ],
};
