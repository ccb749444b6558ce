/** @file Axes in another order; reversed by default. `permutation[i]` is the input's axis that becomes axis i. */
import { sizeOf, type Node, type Op } from '../node.ts';

export const transpose: Op<[x: Node, permutation?: readonly number[]], { permutation: readonly number[] }> = {
  name: 'transpose',
  build(g, x, permutation = x.shape.map((_, i) => x.shape.length - 1 - i)) {
    if (permutation.every((axis, i) => axis === i) && permutation.length === x.shape.length) return x;
    if (x.op === 'transpose')
      return g.transpose(
        x.inputs[0]!,
        permutation.map((axis) => (x.attrs.permutation as number[])[axis]!),
      );
    return g.node('transpose', [x], { permutation });
  },
  infer([x], { permutation }) {
    const rank = x!.shape.length;
    if (permutation.length !== rank || new Set(permutation).size !== rank || permutation.some((axis) => !(axis >= 0 && axis < rank)))
      throw new RangeError(`transpose: the permutation must hold each of 0…${rank - 1} once, got [${permutation}]`);
    return { shape: permutation.map((axis) => x!.shape[axis]!), dtype: x!.dtype };
  },
  reverse: (g, { attrs }, dy) => {
    const permutation = attrs.permutation as number[];
    return [
      g.transpose(
        dy,
        permutation.map((_, i) => permutation.indexOf(i)),
      ),
    ];
  },
  forward: (g, { attrs }, [dx]) => (dx ? g.transpose(dx, attrs.permutation as number[]) : null),
  evaluate([x], node) {
    const permutation = node.attrs.permutation as number[];
    const shape = node.inputs[0]!.shape;
    const strides = permutation.map((axis) => sizeOf(shape.slice(axis + 1)));
    const out = x instanceof Int32Array ? new Int32Array(x.length) : new Float64Array(x!.length);
    const position = new Array<number>(node.shape.length).fill(0);
    for (let i = 0, from = 0; i < out.length; i++) {
      out[i] = x![from]!;
      for (let axis = node.shape.length - 1; axis >= 0; axis--) {
        from += strides[axis]!;
        if (++position[axis]! < node.shape[axis]!) break;
        from -= strides[axis]! * node.shape[axis]!;
        position[axis] = 0;
      }
    }
    return out;
  },
  cases: [
    { title: 'a matrix', inputs: [{ shape: [2, 3] }] },
    { title: 'three axes', inputs: [{ shape: [2, 3, 4] }], make: (g, [x]) => g.transpose(x!, [1, 2, 0]) },
  ],
};
