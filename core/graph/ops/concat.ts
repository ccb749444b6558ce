/** @file Joins nodes along an axis. */
import { around, checkAxis } from '../shapes.ts';
import { sizeOf, type Node, type Op } from '../node.ts';

export const concat: Op<[nodes: readonly Node[], axis: number], { axis: number }> = {
  name: 'concat',
  build: (g, nodes, axis) => {
    if (nodes.length === 0) throw new RangeError('concat: at least one node is needed, got none');
    return nodes.length === 1 ? nodes[0]! : g.node('concat', nodes, { axis: checkAxis('concat', nodes[0]!.shape.length, axis) });
  },
  infer(inputs, { axis }) {
    const [first] = inputs;
    for (const { shape, dtype } of inputs)
      if (dtype !== first!.dtype || shape.length !== first!.shape.length || shape.some((n, i) => i !== axis && n !== first!.shape[i]))
        throw new RangeError(
          `concat: all inputs must agree but for axis ${axis}, got ${inputs.map((x) => `${x.dtype}[${x.shape}]`).join(', ')}`,
        );
    return {
      shape: first!.shape.map((n, i) => (i === axis ? inputs.reduce((total, { shape }) => total + shape[axis]!, 0) : n)),
      dtype: first!.dtype,
    };
  },
  reverse(g, { inputs, attrs }, dy, needs) {
    let offset = 0;
    return inputs.map(({ shape }, i) => {
      const start = offset;
      offset += shape[attrs.axis as number]!;
      return needs[i] ? g.slice(dy, attrs.axis as number, start, offset) : null;
    });
  },
  forward(g, { inputs, attrs }, tangents) {
    if (tangents.every((d) => !d)) return null;
    return g.concat(
      inputs.map(({ shape }, i) => tangents[i] ?? g.constant(0, shape)),
      attrs.axis as number,
    );
  },
  evaluate(values, node) {
    const axis = node.attrs.axis as number;
    const [outer, total, inner] = around(node.shape, axis);
    const out = node.dtype === 'int32' ? new Int32Array(sizeOf(node.shape)) : new Float64Array(sizeOf(node.shape));
    let offset = 0;
    values.forEach((x, i) => {
      const row = node.inputs[i]!.shape[axis]! * inner;
      for (let o = 0; o < outer; o++) out.set(x.subarray(o * row, (o + 1) * row), o * total * inner + offset);
      offset += row;
    });
    return out;
  },
  cases: [
    { title: 'rows', inputs: [{ shape: [2, 3] }, { shape: [1, 3] }], make: (g, nodes) => g.concat(nodes, 0) },
    {
      title: 'columns of three',
      inputs: [{ shape: [2, 1] }, { shape: [2, 2] }, { shape: [2, 1] }],
      make: (g, nodes) => g.concat(nodes, -1),
    },
  ],
};
