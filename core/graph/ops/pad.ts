/** @file Zeros before and after one axis. */
import { around, checkAxis } from '../shapes.ts';
import { sizeOf, type Node, type Op } from '../node.ts';

type Attributes = { axis: number; before: number; after: number };

export const pad: Op<[x: Node, axis: number, before: number, after: number], Attributes> = {
  name: 'pad',
  build: (g, x, axis, before, after) =>
    before === 0 && after === 0 ? x : g.node('pad', [x], { axis: checkAxis('pad', x.shape.length, axis), before, after }),
  infer([x], { axis, before, after }) {
    if (![before, after].every((n) => Number.isInteger(n) && n >= 0))
      throw new RangeError(`pad: before and after must be integers of at least 0, got ${before} and ${after}`);
    if (x!.dtype === 'int32') throw new TypeError('pad takes float32 or float64, got int32');
    return { shape: x!.shape.map((n, i) => (i === axis ? before + n + after : n)), dtype: x!.dtype };
  },
  reverse(g, { inputs, attrs }, dy) {
    const { axis, before } = attrs as Attributes;
    return [g.slice(dy, axis, before, before + inputs[0]!.shape[axis]!)];
  },
  forward: (g, { attrs }, [dx]) => (dx ? g.pad(dx, attrs.axis as number, attrs.before as number, attrs.after as number) : null),
  evaluate([x], node) {
    const { axis, before } = node.attrs as Attributes;
    const [outer, size, inner] = around(node.inputs[0]!.shape, axis);
    const out = new Float64Array(sizeOf(node.shape));
    const row = size * inner;
    for (let o = 0; o < outer; o++) out.set(x!.subarray(o * row, (o + 1) * row), (o * node.shape[axis]! + before) * inner);
    return out;
  },
  cases: [
    { title: 'rows', inputs: [{ shape: [2, 3] }], make: (g, [x]) => g.pad(x!, 0, 1, 2) },
    { title: 'columns', inputs: [{ shape: [2, 3] }], make: (g, [x]) => g.pad(x!, -1, 2, 0) },
  ],
};
