/** @file Index of the largest value along an axis (the first at a tie), int32; the axis goes. */
import { around, checkAxis } from '../shapes.ts';
import { sizeOf, type Node, type Op } from '../node.ts';

export const argMax: Op<[x: Node, axis: number], { axis: number }> = {
  name: 'argMax',
  build: (g, x, axis) => g.node('argMax', [x], { axis: checkAxis('argMax', x.shape.length, axis) }),
  infer([x], { axis }) {
    if (x!.dtype === 'int32') throw new TypeError('argMax takes float32 or float64, got int32');
    return { shape: x!.shape.filter((_, i) => i !== axis), dtype: 'int32' };
  },
  reverse: () => [null],
  forward: () => null,
  evaluate([x], node) {
    const [outer, size, inner] = around(node.inputs[0]!.shape, node.attrs.axis as number);
    const out = new Int32Array(sizeOf(node.shape));
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        let best = 0;
        for (let k = 1; k < size; k++) if (x![(o * size + k) * inner + i]! > x![(o * size + best) * inner + i]!) best = k;
        out[o * inner + i] = best;
      }
    return out;
  },
  cases: [{ title: 'classes', inputs: [{ shape: [4, 5] }], make: (g, [x]) => g.argMax(x!, 1), differentiable: false }],
};
