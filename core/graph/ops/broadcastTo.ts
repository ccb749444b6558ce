/** @file Repeats axes of 1 (and adds leading axes) until the shape fits. */
import { broadcastIndex, broadcastShapes, sumToShape } from '../elementwise.ts';
import type { Node, Op, Shape } from '../node.ts';

export const broadcastTo: Op<[x: Node, shape: Shape], { shape: Shape }> = {
  name: 'broadcastTo',
  build: (g, x, shape) =>
    x.shape.length === shape.length && x.shape.every((n, i) => n === shape[i]) ? x : g.node('broadcastTo', [x], { shape }),
  infer([x], { shape }) {
    const together = broadcastShapes(x!.shape, shape);
    if (together.length !== shape.length || together.some((n, i) => n !== shape[i]))
      throw new RangeError(`broadcastTo: [${x!.shape}] does not stretch to [${shape}]`);
    return { shape, dtype: x!.dtype };
  },
  reverse: (g, { inputs }, dy) => [sumToShape(g, dy, inputs[0]!.shape)],
  forward: (g, { shape }, [dx]) => (dx ? g.broadcastTo(dx, shape) : null),
  evaluate([x], node) {
    const index = broadcastIndex(node.inputs[0]!.shape, node.shape);
    return x instanceof Int32Array ? Int32Array.from(index, (i) => x[i]!) : Float64Array.from(index, (i) => x![i]!);
  },
  cases: [
    { title: 'a row', inputs: [{ shape: [3] }], make: (g, [x]) => g.broadcastTo(x!, [2, 3]) },
    { title: 'a scalar', inputs: [{ shape: [] }], make: (g, [x]) => g.broadcastTo(x!, [2, 2]) },
    { title: 'an inner axis', inputs: [{ shape: [2, 1, 3] }], make: (g, [x]) => g.broadcastTo(x!, [2, 4, 3]) },
  ],
};
