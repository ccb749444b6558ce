/** @file What the reductions share: attributes, shape rule, and which elements fall into which result. */
import type { Builder } from './builder.ts';
import { broadcastIndex } from './elementwise.ts';
import { sizeOf, type Node, type TensorType, type Values } from './node.ts';
import { checkAxes, reducedShape } from './shapes.ts';

export interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
  readonly [key: string]: unknown;
}

export function buildReduction(name: string, g: Builder, x: Node, axes: readonly number[] | undefined, keepDims = false): Node {
  return g.node(name, [x], { axes: checkAxes(name, x.shape.length, axes), keepDims });
}

export function inferReduction(name: string, [x]: readonly TensorType[], { axes, keepDims }: Reduction): TensorType {
  if (x!.dtype === 'int32') throw new TypeError(`${name} takes float32 or float64, got int32`);
  return { shape: reducedShape(x!.shape, axes, keepDims), dtype: x!.dtype };
}

/** `y` (the reduced node or something of its shape) with its reduced axes put back as ones, so that it broadcasts against the input. */
export function withOnes(g: Builder, node: Node, y: Node): Node {
  const { axes, keepDims } = node.attrs as unknown as Reduction;
  return keepDims || node.inputs[0]!.shape.length === 0 ? y : g.reshape(y, reducedShape(node.inputs[0]!.shape, axes, true));
}

/** Folds every element into its result: `fold(result, value, resultIndex)`. */
export function reduceValues(
  node: Node,
  x: Values,
  initial: number,
  fold: (result: number, value: number, at: number) => number,
): Float64Array {
  const shape = node.inputs[0]!.shape;
  const { axes } = node.attrs as unknown as Reduction;
  const out = new Float64Array(sizeOf(node.shape)).fill(initial);
  const index = broadcastIndex(reducedShape(shape, axes, true), shape);
  for (let i = 0; i < x.length; i++) out[index[i]!] = fold(out[index[i]!]!, x[i]!, index[i]!);
  return out;
}

export const reductionCases = (low: number, high: number) => [
  { title: 'everything', inputs: [{ shape: [3, 4], low, high }] },
  { title: 'one value', inputs: [{ shape: [1], low, high }] },
];
