/** @file A constant: a scalar, a shape filled with one number, or given values. */
import { checkShape } from '../shapes.ts';
import { sizeOf, type DType, type Op, type Shape, type Values } from '../node.ts';

type Attributes = { value: number | Values; shape: Shape; dtype: DType };

export const constant: Op<[value: number | Values, shape?: Shape, dtype?: DType], Attributes> = {
  name: 'constant',
  build: (g, value, shape = typeof value === 'number' ? [] : [value.length], dtype = value instanceof Int32Array ? 'int32' : g.precision) =>
    g.node('constant', [], { value, shape, dtype }),
  infer(_, { value, shape, dtype }) {
    const size = sizeOf(checkShape('constant', shape));
    if (typeof value !== 'number' && value.length !== size)
      throw new RangeError(`constant: shape [${shape}] takes ${size} values, got ${value.length}`);
    return { shape, dtype };
  },
  reverse: () => [],
  forward: () => null,
  evaluate(_, { attrs, shape, dtype }) {
    const value = attrs.value as Attributes['value'];
    const out = dtype === 'int32' ? new Int32Array(sizeOf(shape)) : new Float64Array(sizeOf(shape));
    return typeof value === 'number' ? out.fill(value) : (out.set(value), out);
  },
  cases: [
    { title: 'values beside an input', inputs: [{ shape: [3] }], make: (g, [x]) => g.add(x!, g.constant(Float64Array.of(1, -2, 0.5))) },
  ],
};
