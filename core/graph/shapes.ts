/** @file Checks and sums over shapes and axes, shared by the ops that change them. */
import type { Shape } from './node.ts';

/** Every axis a positive integer. An empty axis is refused: a mean over nothing is no number. */
export function checkShape(what: string, shape: Shape): Shape {
  for (const n of shape)
    if (!Number.isInteger(n) || n < 1)
      throw new RangeError(`${what}: every axis must be a positive integer, got [${shape}]${n === 0 ? ' (an empty batch?)' : ''}`);
  return shape;
}

/** Axes counted from the front, sorted, once each. `undefined` is all of them. */
export function checkAxes(what: string, rank: number, axes: readonly number[] | undefined): number[] {
  if (!axes) return Array.from({ length: rank }, (_, i) => i);
  const positive = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  for (const axis of positive)
    if (!Number.isInteger(axis) || axis < 0 || axis >= rank)
      throw new RangeError(`${what}: axes must be integers from ${-rank} to ${rank - 1}, got [${axes}]`);
  if (new Set(positive).size !== positive.length) throw new RangeError(`${what}: axes must differ, got [${axes}]`);
  return positive.sort((a, b) => a - b);
}

export function checkAxis(what: string, rank: number, axis: number): number {
  return checkAxes(what, rank, [axis])[0]!;
}

/** The shape after reducing `axes`, kept as ones or dropped. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  return shape.flatMap((n, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [n]));
}

/** [outer, axis, inner]: the axis with what lies before and behind it, flat. */
export function around(shape: Shape, axis: number): [outer: number, size: number, inner: number] {
  const product = (from: number, to: number) => shape.slice(from, to).reduce((p, n) => p * n, 1);
  return [product(0, axis), shape[axis]!, product(axis + 1, shape.length)];
}

/** Every axis but the last: a batch, and the places of an image. */
export const leadingAxes = (shape: Shape): number[] => shape.slice(0, -1).map((_, axis) => axis);

export const equalShapes = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((n, i) => n === b[i]);
