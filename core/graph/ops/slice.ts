/** @file A contiguous part of one axis: start ≤ i < end. */
import { around, checkAxis } from '../shapes.ts';
import { sizeOf, type Node, type Op } from '../node.ts';

type Attributes = { axis: number; start: number; end: number };

export const slice: Op<[x: Node, axis: number, start: number, end: number], Attributes> = {
  name: 'slice',
  build(g, x, axis, start, end) {
    const at = checkAxis('slice', x.shape.length, axis);
    return start === 0 && end === x.shape[at] ? x : g.node('slice', [x], { axis: at, start, end });
  },
  infer([x], { axis, start, end }) {
    const size = x!.shape[axis]!;
    if (![start, end].every(Number.isInteger) || start < 0 || end > size || start >= end)
      throw new RangeError(`slice: 0 <= start < end <= ${size} on axis ${axis}, got ${start} to ${end}`);
    return { shape: x!.shape.map((n, i) => (i === axis ? end - start : n)), dtype: x!.dtype };
  },
  reverse(g, { inputs, attrs }, dy) {
    const { axis, start, end } = attrs as Attributes;
    return [g.pad(dy, axis, start, inputs[0]!.shape[axis]! - end)];
  },
  forward: (g, { attrs }, [dx]) => (dx ? g.slice(dx, attrs.axis as number, attrs.start as number, attrs.end as number) : null),
  evaluate([x], node) {
    const { axis, start } = node.attrs as Attributes;
    const [outer, size, inner] = around(node.inputs[0]!.shape, axis);
    const row = node.shape[axis]! * inner;
    const out = node.dtype === 'int32' ? new Int32Array(sizeOf(node.shape)) : new Float64Array(sizeOf(node.shape));
    for (let o = 0; o < outer; o++) out.set(x!.subarray((o * size + start) * inner, (o * size + start) * inner + row), o * row);
    return out;
  },
  cases: [
    { title: 'a member of a stack', inputs: [{ shape: [3, 2, 2] }], make: (g, [x]) => g.slice(x!, 0, 1, 2) },
    { title: 'columns', inputs: [{ shape: [3, 5] }], make: (g, [x]) => g.slice(x!, 1, 2, 5) },
  ],
};
