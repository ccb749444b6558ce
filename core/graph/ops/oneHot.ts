/** @file Rows of zeros with a one at the index: int32 [I…] gives float [I…, depth]. Indices outside are refused by the reference. */
import { sizeOf, type Node, type Op } from '../node.ts';

export const oneHot: Op<[indices: Node, depth: number], { depth: number; dtype: 'float32' | 'float64' }> = {
  name: 'oneHot',
  build: (g, indices, depth) => g.node('oneHot', [indices], { depth, dtype: g.precision }),
  infer([indices], { depth, dtype }) {
    if (indices!.dtype !== 'int32') throw new TypeError(`oneHot: indices must be int32, got ${indices!.dtype}`);
    if (!Number.isInteger(depth) || depth < 1) throw new RangeError(`oneHot: depth must be a positive integer, got ${depth}`);
    return { shape: [...indices!.shape, depth], dtype };
  },
  reverse: () => [null],
  forward: () => null,
  evaluate([indices], node) {
    const depth = node.attrs.depth as number;
    const out = new Float64Array(sizeOf(node.shape));
    indices!.forEach((index, i) => {
      if (!(index >= 0 && index < depth)) throw new RangeError(`oneHot: index ${index} is outside 0…${depth - 1}`);
      out[i * depth + index] = 1;
    });
    return out;
  },
  cases: [
    { title: 'three of four', inputs: [{ shape: [3, 4] }], make: (g, [x]) => g.mul(x!, g.oneHot(g.constant(Int32Array.of(2, 0, 3)), 4)) },
    { title: 'one of one', inputs: [{ shape: [2, 1] }], make: (g, [x]) => g.mul(x!, g.oneHot(g.constant(Int32Array.of(0, 0)), 1)) },
  ],
};
