/** @file How each op is said in TensorFlow.js. Forward only: derivatives are part of the graph. Runs inside `tf.tidy`, so intermediates may be left lying. */
import type * as Tf from '@tensorflow/tfjs';
import type { ops } from '#core/graph/ops/index.ts';
import { pixelsUnder, placesOver, type Windows } from '#core/graph/windows.ts';
import { sizeOf, type Node, type Values } from '#core/graph/node.ts';

export interface TfLowering {
  readonly tf: typeof Tf;
  readonly node: Node;
}
type Lower = (context: TfLowering, ...inputs: Tf.Tensor[]) => Tf.Tensor;

/** True where x is NaN, as a boolean tensor. */
const isNaN = (tf: typeof Tf, x: Tf.Tensor) => tf.notEqual(x, x);

/** The kernels' max and min drop a NaN on one side. */
const extreme =
  (name: 'maximum' | 'minimum'): Lower =>
  ({ tf }, a, b) =>
    tf.add(tf[name](a!, b!), tf.add(nanOrZero(tf, a!), nanOrZero(tf, b!)));

/** NaN where x is NaN, else 0 (also at infinity). */
const nanOrZero = (tf: typeof Tf, x: Tf.Tensor) => tf.where(isNaN(tf, x), x, tf.zerosLike(x));

/** m √Σ(x/m)² with m = max|x|: there is no float64 here to square in. */
const norm: Lower = ({ tf, node }, x) => {
  const { axes, keepDims } = node.attrs as { axes: number[]; keepDims: boolean };
  if (x!.rank === 0) return tf.abs(x!);
  const largest = tf.max(tf.abs(x!), axes, true);
  const usable = tf.logicalAnd(tf.greater(largest, 0), tf.less(largest, Infinity));
  const unit = tf.where(usable, largest, tf.onesLike(largest));
  const length = tf.mul(tf.sqrt(tf.sum(tf.square(tf.div(x!, unit)), axes, true)), unit);
  return keepDims ? length : tf.reshape(length, node.shape as number[]);
};

const normalize: Lower = ({ tf, node }, x) => {
  const { axes, epsilon } = node.attrs as { axes: number[]; epsilon: number };
  const centred = tf.sub(x!, tf.mean(x!, axes, true));
  return tf.div(centred, tf.sqrt(tf.add(tf.mean(tf.square(centred), axes, true), epsilon)));
};

/** 1 at the index, 0 elsewhere. TensorFlow.js refuses a depth of 1. */
const oneHot = (tf: typeof Tf, indices: Tf.Tensor, depth: number): Tf.Tensor =>
  depth === 1 ? float(tf, tf.expandDims(tf.equal(indices, 0), -1)) : float(tf, tf.oneHot(indices as Tf.Tensor1D, depth));

/** A row stands in the sum as often as it is named: one-hot transposed times the rows. wasm has no scatter that adds. */
const scatterAdd: Lower = ({ tf, node }, indices, updates) => {
  const count = sizeOf(indices!.shape);
  const places = oneHot(tf, tf.reshape(indices!, [count]), node.shape[0]!);
  return tf.reshape(tf.matMul(places as Tf.Tensor2D, tf.reshape(updates!, [count, -1]) as Tf.Tensor2D, true), node.shape as number[]);
};

/** Rows of [B, n, C] by constant indices; n stands for a row of zeros. */
function gatherRows(tf: typeof Tf, x: Tf.Tensor, shape: [number, number, number], indices: Int32Array): Tf.Tensor {
  const padded = tf.pad(tf.reshape(x, shape), [
    [0, 0],
    [0, 1],
    [0, 0],
  ]);
  return tf.gather(padded, tf.tensor1d(indices, 'int32'), 1);
}

const patches: Lower = ({ tf, node }, x) => {
  const [batch, height, width, channels] = x!.shape as [number, number, number, number];
  return tf.reshape(gatherRows(tf, x!, [batch, height * width, channels], pixelsUnder(node.attrs as Windows)), node.shape as number[]);
};

const fold: Lower = ({ tf, node }, x) => {
  const { places, most } = placesOver(node.attrs as Windows);
  const [batch, height, width, channels] = node.shape as [number, number, number, number];
  const above = gatherRows(tf, x!, [batch, x!.size / batch / channels, channels], places);
  return tf.reshape(tf.sum(tf.reshape(above, [batch, height * width, most, channels]), 2), node.shape as number[]);
};

const constant: Lower = ({ tf, node: { attrs, shape, dtype } }) => {
  const value = attrs.value as number | Values;
  const type = dtype === 'int32' ? 'int32' : 'float32';
  if (typeof value === 'number') return tf.fill(shape as number[], value, type);
  return tf.tensor(type === 'int32' ? Int32Array.from(value) : Float32Array.from(value), shape as number[], type);
};

const float = (tf: typeof Tf, x: Tf.Tensor) => tf.cast(x, 'float32');

export const lowerings: Record<Exclude<keyof typeof ops, 'input'>, Lower> = {
  abs: ({ tf }, x) => tf.abs(x!),
  add: ({ tf }, a, b) => tf.add(a!, b!),
  argMax: ({ tf, node }, x) => tf.argMax(x!, node.attrs.axis as number),
  broadcastTo: ({ tf, node }, x) => tf.broadcastTo(x!, node.shape as never),
  cast: ({ tf, node }, x) => (node.dtype === 'int32' ? tf.cast(x!, 'int32') : float(tf, x!)),
  concat: ({ tf, node }, ...inputs) => tf.concat(inputs, node.attrs.axis as number),
  constant,
  cos: ({ tf }, x) => tf.cos(x!),
  div: ({ tf }, a, b) => tf.div(a!, b!),
  equal: ({ tf }, a, b) => float(tf, tf.equal(a!, b!)),
  erf: ({ tf }, x) => tf.erf(x!),
  exp: ({ tf }, x) => tf.exp(x!),
  floor: ({ tf }, x) => tf.floor(x!),
  fold,
  gather: ({ tf }, x, indices) => tf.gather(x!, indices as Tf.Tensor1D),
  greater: ({ tf }, a, b) => float(tf, tf.greater(a!, b!)),
  log: ({ tf }, x) => tf.log(x!),
  logSoftmax: ({ tf }, x) => {
    const shifted = tf.sub(x!, tf.max(x!, -1, true));
    const top = tf.equal(shifted, 0);
    const others = tf.sum(tf.where(top, tf.zerosLike(shifted), tf.exp(shifted)), -1, true);
    const r = tf.add(others, tf.sub(tf.sum(float(tf, top), -1, true), 1)); // 1 for each further one at a tie
    const sum = tf.add(r, 1);
    const lost = tf.div(tf.sub(r, tf.sub(sum, 1)), sum); // log1p of wasm is log(1 + r)
    return tf.sub(shifted, tf.add(tf.log(sum), lost));
  },
  matMul: ({ tf, node }, a, b) => tf.matMul(a!, b!, node.attrs.transposeA as boolean, node.attrs.transposeB as boolean),
  maximum: extreme('maximum'),
  minimum: extreme('minimum'),
  mul: ({ tf }, a, b) => tf.mul(a!, b!),
  neg: ({ tf }, x) => tf.neg(x!),
  norm,
  normalize,
  oneHot: ({ tf, node }, indices) => oneHot(tf, indices!, node.attrs.depth as number),
  pad: ({ tf, node }, x) => {
    const { axis, before, after } = node.attrs as { axis: number; before: number; after: number };
    return tf.pad(
      x!,
      node.shape.map((_, i) => (i === axis ? [before, after] : [0, 0])),
    );
  },
  patches,
  pow: ({ tf }, a, b) => tf.pow(a!, b!),
  reciprocal: ({ tf }, x) => tf.div(1, x!),
  reduceMax: ({ tf, node }, x) => {
    const { axes, keepDims } = node.attrs as { axes: number[]; keepDims: boolean };
    return tf.add(tf.max(x!, axes, keepDims), tf.sum(nanOrZero(tf, x!), axes, keepDims));
  },
  relu: ({ tf }, x) => tf.maximum(x!, 0), // the relu kernel makes 0 of NaN
  reshape: ({ tf, node }, x) => tf.reshape(x!, node.shape as number[]),
  scatterAdd,
  sigmoid: ({ tf }, x) => tf.sigmoid(x!),
  sign: ({ tf }, x) => tf.add(tf.sub(float(tf, tf.greater(x!, 0)), float(tf, tf.less(x!, 0))), nanOrZero(tf, x!)),
  sin: ({ tf }, x) => tf.sin(x!),
  slice: ({ tf, node }, x) => {
    const { axis, start } = node.attrs as { axis: number; start: number };
    return tf.slice(
      x!,
      node.shape.map((_, i) => (i === axis ? start : 0)),
      node.shape as number[],
    );
  },
  softmax: ({ tf }, x) => tf.softmax(x!),
  sqrt: ({ tf }, x) => tf.sqrt(x!),
  square: ({ tf }, x) => tf.square(x!),
  step: ({ tf }, x) => float(tf, tf.greater(x!, 0)),
  stopGradient: ({ tf }, x) => tf.clone(x!),
  sub: ({ tf }, a, b) => tf.sub(a!, b!),
  sum: ({ tf, node }, x) => tf.sum(x!, node.attrs.axes as number[], node.attrs.keepDims as boolean),
  tanh: ({ tf }, x) => tf.tanh(x!),
  transpose: ({ tf, node }, x) => tf.transpose(x!, node.attrs.permutation as number[]),
  where: ({ tf, node }, condition, a, b) => {
    const spread = (x: Tf.Tensor) => tf.broadcastTo(x, node.shape as never);
    return tf.where(tf.notEqual(spread(condition!), 0), spread(a!), spread(b!));
  },
};
