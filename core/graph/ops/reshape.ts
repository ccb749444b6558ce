/** @file The same values in another shape; one axis may be -1. */
import { checkShape, equalShapes } from '../shapes.ts';
import { sizeOf, type Node, type Op, type Shape } from '../node.ts';

export const reshape: Op<[x: Node, shape: Shape], { shape: Shape }> = {
  name: 'reshape',
  build(g, x, wanted) {
    const known = wanted.filter((n) => n !== -1);
    if (wanted.length - known.length > 1) throw new RangeError(`reshape: at most one axis may be -1, got [${wanted}]`);
    const shape = wanted.map((n) => (n === -1 ? sizeOf(x.shape) / sizeOf(known) : n));
    const source = x.op === 'reshape' ? x.inputs[0]! : x;
    return equalShapes(source.shape, shape) ? source : g.node('reshape', [source], { shape });
  },
  infer([x], { shape }) {
    if (sizeOf(checkShape('reshape', shape)) !== sizeOf(x!.shape))
      throw new RangeError(`reshape: [${x!.shape}] has ${sizeOf(x!.shape)} values, [${shape}] takes ${sizeOf(shape)}`);
    return { shape, dtype: x!.dtype };
  },
  reverse: (g, { inputs }, dy) => [g.reshape(dy, inputs[0]!.shape)],
  forward: (g, { shape }, [dx]) => (dx ? g.reshape(dx, shape) : null),
  evaluate: ([x]) => (x instanceof Int32Array ? x : Float64Array.from(x!)),
  cases: [
    { title: 'to a column', inputs: [{ shape: [2, 3] }], make: (g, [x]) => g.reshape(x!, [-1, 1]) },
    { title: 'to a scalar', inputs: [{ shape: [1, 1] }], make: (g, [x]) => g.reshape(x!, []) },
  ],
};
