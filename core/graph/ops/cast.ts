/** @file Another dtype: float32, float64 or int32 (towards zero). Derivatives pass between the floats and stop at integers. */
import type { DType, Node, Op } from '../node.ts';

export const cast: Op<[x: Node, dtype: DType], { dtype: DType }> = {
  name: 'cast',
  build: (g, x, dtype) => (x.dtype === dtype ? x : g.node('cast', [x], { dtype })),
  infer: ([x], { dtype }) => ({ shape: x!.shape, dtype }),
  reverse: (g, { inputs: [x], dtype }, dy) => [x!.dtype === 'int32' || dtype === 'int32' ? null : g.cast(dy, x!.dtype)],
  forward: (g, { inputs: [x], dtype }, [dx]) => (dx && x!.dtype !== 'int32' && dtype !== 'int32' ? g.cast(dx, dtype) : null),
  evaluate: ([x], { dtype }) => (dtype === 'int32' ? Int32Array.from(x!) : Float64Array.from(x!)),
  cases: [
    {
      title: 'indices to floats',
      inputs: [{ shape: [3] }],
      make: (g, [x]) => g.mul(x!, g.cast(g.constant(Int32Array.of(3, -1, 2)), g.precision)),
    },
  ],
};
