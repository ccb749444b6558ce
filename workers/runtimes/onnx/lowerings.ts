/** @file How each op is said in ONNX operators. */
import type { ops } from '#core/graph/ops/index.ts';
import { pixelsUnder, placesOver, type Windows } from '#core/graph/windows.ts';
import { sizeOf, type Node, type Values } from '#core/graph/node.ts';
import { concatenation } from './concatenation.ts';
import { norm } from './norms.ts';
import { elementType, type ElementType } from './proto.ts';
import type { Lowering } from './scope.ts';

type Lower = (context: Lowering) => string;

const direct =
  (opType: string): Lower =>
  ({ scope, inputs }) =>
    scope.emit(opType, inputs);

/** Where a row of few channels meets a large image: repeated along an image first, so that the kernel runs on longer stretches. */
const pairwise =
  (opType: string): Lower =>
  ({ scope, inputs, node }) => {
    const channels = node.shape.at(-1)!;
    const short = node.shape.length === 4 && channels < 128 && sizeOf(node.shape) >= 65_536;
    const repeated = node.inputs.map((input, i) =>
      short && sizeOf(input.shape) === channels && input.shape.at(-1) === channels
        ? scope.emit('Expand', [inputs[i]!, scope.int64s([1, ...node.shape.slice(1)])])
        : inputs[i]!,
    );
    return scope.emit(opType, repeated);
  };

/** A comparison gives booleans; the graph's are 0 and 1 in the float type. The boolean is remembered for a `where` behind it. */
const comparison =
  (opType: string, againstZero = false): Lower =>
  (context) => {
    const { scope, inputs, node, dtype } = context;
    const truth = scope.emit(opType, againstZero ? [inputs[0]!, scope.scalar(dtype, 0)] : inputs);
    context.setBoolean(node, truth);
    return context.decides ? '' : castTo(context, truth, dtype);
  };

const castTo = ({ scope }: Lowering, name: string, type: ElementType): string => scope.emit('Cast', [name], { to: elementType[type] });

const reduction =
  (opType: string): Lower =>
  ({ scope, inputs, node }) =>
    scope.emit(opType, [inputs[0]!, scope.int64s(node.attrs.axes as number[])], { keepdims: node.attrs.keepDims ? 1 : 0 });

/** Leading axes are summed up by a product with a row of ones: 128 x 64 values in 2 us against 7, 224 x 3,584 in 45 against 179. */
const sum: Lower = (context) => {
  const { scope, inputs, node, dtype } = context;
  const [{ shape }] = node.inputs as [Node];
  const axes = node.attrs.axes as number[];
  const [rows, columns] = [sizeOf(shape.slice(0, axes.length)), sizeOf(shape.slice(axes.length))];
  if (!axes.every((axis, i) => axis === i) || columns === 1) return reduction('ReduceSum')(context);
  const reshaped = (name: string, from: readonly number[], to: readonly number[]) =>
    from.join() === to.join() ? name : scope.emit('Reshape', [name, scope.int64s(to)]);
  const ones = scope.filled(dtype, [1, rows], 1);
  return reshaped(scope.emit('MatMul', [ones, reshaped(inputs[0]!, shape, [rows, columns])]), [1, columns], node.shape);
};

/** 2-D factors are transposed by Gemm on the way; batches need a Transpose of their own. */
const matMul: Lower = ({ scope, inputs: [a, b], node }) => {
  const { transposeA, transposeB } = node.attrs as { transposeA: boolean; transposeB: boolean };
  if (node.shape.length === 2)
    return transposeA || transposeB
      ? scope.emit('Gemm', [a!, b!], { transA: Number(transposeA), transB: Number(transposeB) })
      : scope.emit('MatMul', [a!, b!]);
  const turned = (name: string, transposed: boolean) => (transposed ? scope.emit('Transpose', [name], { perm: [0, 2, 1] }) : name);
  return scope.emit('MatMul', [turned(a!, transposeA), turned(b!, transposeB)]);
};

/** ONNX Runtime has no float64 Erf: 2z/√π exp(-z²) (1 + t/3 (1 + t/5 (…))) with t = 2z², all terms positive, 130 of them up to |z| = 6. */
const erf: Lower = ({ scope, inputs: [x], dtype }) => {
  if (dtype === 'float32') return scope.emit('Erf', [x!]);
  const number = (value: number) => scope.scalar(dtype, value);
  const z = scope.emit('Min', [scope.emit('Abs', [x!]), number(6)]);
  const squared = scope.emit('Mul', [z, z]);
  const t = scope.emit('Mul', [squared, number(2)]);
  let tail = scope.emit('Add', [scope.emit('Mul', [t, number(0)]), number(1)]);
  for (let n = 130; n >= 1; n--)
    tail = scope.emit('Add', [scope.emit('Mul', [scope.emit('Mul', [t, number(1 / (2 * n + 1))]), tail]), number(1)]);
  const bell = scope.emit('Exp', [scope.emit('Neg', [squared])]);
  const size = scope.emit('Mul', [scope.emit('Mul', [scope.emit('Mul', [z, number(2 / Math.sqrt(Math.PI))]), bell]), tail]);
  return scope.emit('Mul', [size, scope.emit('Sign', [x!])]);
};

const oneHot: Lower = (context) => {
  const { scope, inputs, node, dtype } = context;
  const depth = node.attrs.depth as number;
  const column = scope.emit('Unsqueeze', [inputs[0]!, scope.int64s([-1])]);
  const classes = scope.constant(
    'int32',
    [depth],
    Int32Array.from({ length: depth }, (_, i) => i),
  );
  return castTo(context, scope.emit('Equal', [column, classes]), dtype);
};

/** Up to so many classes a training step takes their logarithms in float64: 128 rows of 10 in 4 us more, of 100 in 54, of 1,000 in 550. */
const fewClasses = 16;

/**
 * The operator has no digits near 0: of log p with p above 3/4, log(1 - r) with r the sum of the others is what it should say, as log s +
 * (1 - s) - r with s = 1 - r rounded. That makes a step of 10 layers of 64 take 1.04 of the time, to go through float64 1.01 to 1.02: so training in
 * float32 has seven digits of a loss of 1e-9, none of one of 1e-16, and with many classes none of one of 1e-7.
 */
const logSoftmax: Lower = (context) => {
  const { scope, inputs, dtype, node, stepping } = context;
  const rough = (x: string) => scope.emit('LogSoftmax', [x], { axis: -1 });
  if (stepping && dtype === 'float32')
    return node.shape.at(-1)! > fewClasses ? rough(inputs[0]!) : castTo(context, rough(castTo(context, inputs[0]!, 'float64')), dtype);
  const number = (value: number) => scope.scalar(dtype, value);
  const p = scope.emit('Softmax', inputs, { axis: -1 });
  const top = scope.emit('Greater', [p, number(0.75)]);
  const r = scope.emit('ReduceSum', [scope.emit('Where', [top, number(0), p]), scope.int64s([-1])], { keepdims: 1 });
  const s = scope.emit('Sub', [number(1), r]);
  const near = scope.emit('Add', [scope.emit('Log', [s]), scope.emit('Sub', [number(1), s])]);
  return scope.emit('Where', [top, scope.emit('Sub', [near, r]), rough(inputs[0]!)]);
};

const normalize: Lower = ({ scope, inputs: [x], node, dtype }) => {
  const { axes, epsilon } = node.attrs as { axes: number[]; epsilon: number };
  // one fused kernel, whose epsilon is a float32 attribute: 1e-9 off in float64
  if (dtype === 'float32' && axes.length === 1 && axes[0] === node.shape.length - 1) {
    const ones = scope.filled(dtype, [node.shape.at(-1)!], 1);
    return scope.emit('LayerNormalization', [x!, ones], { axis: -1, epsilon: { float: epsilon } });
  }
  const over = scope.int64s(axes);
  const centred = scope.emit('Sub', [x!, scope.emit('ReduceMean', [x!, over], { keepdims: 1 })]);
  const variance = scope.emit('ReduceMean', [scope.emit('Mul', [centred, centred]), over], { keepdims: 1 });
  return scope.emit('Div', [centred, scope.emit('Sqrt', [scope.emit('Add', [variance, scope.scalar(dtype, epsilon)])])]);
};

const constant: Lower = ({ scope, node }) => {
  const value = node.attrs.value as number | Values;
  if (typeof value !== 'number') return scope.constant(node.dtype, node.shape, value);
  if (node.shape.length === 0) return scope.scalar(node.dtype, value);
  return scope.emit('Expand', [scope.scalar(node.dtype, value), scope.int64s(node.shape)]);
};

/** WebGPU's Pow fails (ONNX Runtime 1.30) where both inputs stretch; so the first is stretched for it. */
const pow: Lower = ({ scope, inputs: [x, exponent], node }) => {
  const stretches = node.inputs.every(({ shape }) => sizeOf(shape) < sizeOf(node.shape));
  return scope.emit('Pow', [stretches ? scope.emit('Expand', [x!, scope.int64s(node.shape)]) : x!, exponent!]);
};

/** Rows of [B, n, C] by constant indices; n stands for a row of zeros. */
function gatherRows({ scope, inputs: [x], dtype }: Lowering, [batch, n, channels]: readonly number[], indices: Int32Array): string {
  const rows = scope.emit('Reshape', [x!, scope.int64s([batch!, n!, channels!])]);
  const zeros = indices.includes(n!) ? scope.emit('Pad', [rows, scope.int64s([0, 0, 0, 0, 1, 0]), scope.scalar(dtype, 0)]) : rows;
  return scope.emit('Gather', [zeros, scope.constant('int32', [indices.length], indices)], { axis: 1 });
}

/** Below this many channels a Gather moves too little at a time: 1 channel 1.2 ms against 0.3 by slices, 32 channels 2.8 against 7.8. */
const fewChannels = 4;

const patches: Lower = (context) => {
  const { scope, inputs, node } = context;
  const windows = node.attrs as Windows;
  const { size, kernel, stride, before, count } = windows;
  const [batch, height, width, channels] = node.inputs[0]!.shape as [number, number, number, number];
  if (channels >= fewChannels)
    return scope.emit('Reshape', [gatherRows(context, [batch, height * width, channels], pixelsUnder(windows)), scope.int64s(node.shape)]);
  const last = count.map((n, axis) => (n - 1) * stride[axis]! + kernel[axis]!);
  const after = last.map((n, axis) => Math.max(0, n - size[axis]! - before[axis]!));
  const padded = scope.emit('Pad', [inputs[0]!, scope.int64s([0, ...before, 0, 0, ...after, 0])]);
  const parts = Array.from({ length: kernel[0] * kernel[1] }, (_, place) => {
    const start = [Math.floor(place / kernel[1]), place % kernel[1]];
    const end = start.map((from, axis) => from + (count[axis]! - 1) * stride[axis]! + 1);
    return scope.emit('Slice', [padded, ...[start, end, [1, 2], stride].map(scope.int64s)]);
  });
  return scope.emit('Concat', parts, { axis: 3 });
};

const fold: Lower = (context) => {
  const { scope, node } = context;
  const { places, most } = placesOver(node.attrs as Windows);
  const [batch, height, width, channels] = node.shape as [number, number, number, number];
  const above = gatherRows(context, [batch, sizeOf(node.inputs[0]!.shape) / batch / channels, channels], places);
  const grouped = scope.emit('Reshape', [above, scope.int64s([batch, height, width, most, channels])]);
  return scope.emit('ReduceSum', [grouped, scope.int64s([3])], { keepdims: 0 });
};

/** Every op of the graph; a missing one is an error of the type checker. `input` never gets here. */
export const lowerings: Record<Exclude<keyof typeof ops, 'input'>, Lower> = {
  abs: direct('Abs'),
  add: pairwise('Add'),
  argMax: (context) =>
    castTo(context, context.scope.emit('ArgMax', context.inputs, { axis: context.node.attrs.axis as number, keepdims: 0 }), 'int32'),
  broadcastTo: ({ scope, inputs, node }) => scope.emit('Expand', [inputs[0]!, scope.int64s(node.shape)]),
  cast: (context) => castTo(context, context.inputs[0]!, context.node.dtype),
  concat: ({ scope, inputs, node }) => concatenation(scope, inputs, node.attrs.axis as number),
  constant,
  cos: direct('Cos'),
  div: pairwise('Div'),
  equal: comparison('Equal'),
  erf,
  exp: direct('Exp'),
  floor: direct('Floor'),
  fold,
  gather: direct('Gather'),
  greater: comparison('Greater'),
  log: direct('Log'),
  logSoftmax,
  matMul,
  maximum: direct('Max'),
  minimum: direct('Min'),
  mul: pairwise('Mul'),
  neg: direct('Neg'),
  norm,
  normalize,
  oneHot,
  pad: ({ scope, inputs, node }) => {
    const { axis, before, after } = node.attrs as { axis: number; before: number; after: number };
    const at = (amount: number) => node.shape.map((_, i) => (i === axis ? amount : 0));
    return scope.emit('Pad', [inputs[0]!, scope.int64s([...at(before), ...at(after)])]);
  },
  patches,
  pow,
  reciprocal: direct('Reciprocal'),
  reduceMax: reduction('ReduceMax'),
  relu: direct('Relu'),
  reshape: ({ scope, inputs, node }) => scope.emit('Reshape', [inputs[0]!, scope.int64s(node.shape)]),
  scatterAdd: ({ scope, inputs: [indices, updates], node, dtype }) => {
    const zeros = scope.emit('Expand', [scope.scalar(dtype, 0), scope.int64s(node.shape)]);
    const rows = scope.emit('Unsqueeze', [scope.emit('Cast', [indices!], { to: elementType.int64 }), scope.int64s([-1])]);
    return scope.emit('ScatterND', [zeros, rows, updates!], { reduction: 'add' });
  },
  sigmoid: direct('Sigmoid'),
  sign: ({ scope, inputs: [x] }) => scope.emit('Where', [scope.emit('IsNaN', [x!]), x!, scope.emit('Sign', [x!])]),
  sin: direct('Sin'),
  slice: ({ scope, inputs, node }) => {
    const { axis, start, end } = node.attrs as { axis: number; start: number; end: number };
    return scope.emit('Slice', [inputs[0]!, scope.int64s([start]), scope.int64s([end]), scope.int64s([axis])]);
  },
  softmax: ({ scope, inputs }) => scope.emit('Softmax', inputs, { axis: -1 }),
  sqrt: direct('Sqrt'),
  square: ({ scope, inputs: [x] }) => scope.emit('Mul', [x!, x!]),
  step: comparison('Greater', true),
  stopGradient: ({ inputs }) => inputs[0]!,
  sub: pairwise('Sub'),
  sum,
  tanh: direct('Tanh'),
  transpose: ({ scope, inputs, node }) => scope.emit('Transpose', inputs, { perm: node.attrs.permutation as number[] }),
  where: (context) => {
    const [condition, a, b] = context.inputs;
    return context.scope.emit('Where', [context.booleanOf(context.node.inputs[0]!) ?? castTo(context, condition!, 'bool'), a!, b!]);
  },
};
