/** @file Simplification of sums: of equal values, of sums, and of more values than should be added one after another. */
import type { Builder } from './builder.ts';
import { sizeOf, type Node } from './node.ts';

/**
 * Sums of more values are made of sums. ONNX Runtime and TensorFlow add the rows of a matrix one after another: of 50,176 rows float32 keeps five
 * digits, and the gradient of the first of three normalized convolutions, where such sums cancel, kept three (smooth images; six so).
 */
const most = 1_024;

/** Summing n equal values is multiplying by n. */
export function sumOfStretched(g: Builder, node: Node): Node | null {
  const [stretched] = node.inputs as [Node];
  const source = stretched.inputs[0];
  if (stretched.op !== 'broadcastTo' || !source) return null;
  const { axes } = node.attrs as { axes: readonly number[] };
  const lead = stretched.shape.length - source.shape.length;
  if (!axes.every((axis) => axis < lead || source.shape[axis - lead] === 1)) return null;
  const count = axes.reduce((product, axis) => product * stretched.shape[axis]!, 1);
  const rest = stretched.shape.map((_, axis) => (axis < lead ? 1 : source.shape[axis - lead]!)); // 1 on every summed axis
  const kept = node.attrs.keepDims ? rest : rest.filter((_, axis) => !axes.includes(axis));
  return g.mul(g.broadcastTo(g.reshape(source, kept), node.shape), count);
}

/** One reduction in place of two, but of so many values that it would be taken apart again. */
export function sumOfSum(g: Builder, node: Node): Node | null {
  const [inner] = node.inputs as [Node];
  if (inner.op !== 'sum') return null;
  const [x] = inner.inputs as [Node];
  const first = inner.attrs as { axes: readonly number[]; keepDims: boolean };
  const second = node.attrs as { axes: readonly number[]; keepDims: boolean };
  if (!first.keepDims && second.keepDims) return null;
  const left = x.shape.map((_, axis) => axis).filter((axis) => first.keepDims || !first.axes.includes(axis));
  if (sizeOf(x.shape) / sizeOf(node.shape) > most) return null;
  const both = [...new Set([...first.axes, ...second.axes.map((axis) => left[axis]!)])].sort((a, b) => a - b);
  return g.reshape(g.sum(x, both, second.keepDims), node.shape);
}

/** A sum along neighbouring axes, as a sum of about √n sums of about √n values. */
export function sumInParts(g: Builder, node: Node): Node | null {
  const [x] = node.inputs as [Node];
  const { axes } = node.attrs as { axes: readonly number[] };
  const [first, last] = [axes[0]!, axes.at(-1)!];
  const size = (from: number, to: number) => sizeOf(x.shape.slice(from, to));
  const [outer, n, inner] = [size(0, first), size(first, last + 1), size(last + 1, x.shape.length)];
  const parts = n > most && last - first + 1 === axes.length ? nearestFactor(n) : 1;
  if (parts === 1) return null;
  const along = outer > 1 ? 1 : 0; // rows of a matrix are what runtimes add fastest
  const lead = outer > 1 ? [outer] : [];
  const partial =
    outer > 1 && inner === 1
      ? g.sum(g.reshape(x, [outer, parts, n / parts]), [2])
      : g.sum(g.reshape(x, [...lead, n / parts, parts * inner]), [along]);
  return g.reshape(g.sum(g.reshape(partial, [...lead, parts, inner]), [along]), node.shape);
}

/** The largest factor of n up to its root. */
function nearestFactor(n: number): number {
  let factor = Math.floor(Math.sqrt(n));
  while (n % factor !== 0) factor--;
  return factor;
}
