/** @file Simplification of what images bring: folded products as products of patches, normalizations in parts that their derivatives share. */
import type { Builder } from './builder.ts';
import { sizeOf, type Node } from './node.ts';
import { scatter } from './ops/normalize.ts';
import type { Windows } from './windows.ts';

const isProduct = ({ op, attrs, inputs: [, b] }: Node): boolean => op === 'matMul' && !attrs.transposeA && b!.shape.length === 2;

/**
 * Folding dy Kᵀ is a convolution of dy with the kernel turned around: patches of dy times K. Nothing of the size of all patches is
 * written twice, and a Gather is all that moves (28x28 pixels, 32 to 64 channels: 15 ms against 23).
 */
export function foldedProduct(g: Builder, node: Node): Node | null {
  const windows = node.attrs as Windows;
  if (windows.stride.some((n) => n !== 1)) return null;
  const [x] = node.inputs as [Node];
  const inner = x.op === 'reshape' ? x.inputs[0]! : x;
  const parts = inner.op === 'add' ? inner.inputs : [inner]; // the tangent of a product is a sum of two
  if (!parts.every((part) => isProduct(part) && sizeOf(part.shape) === sizeOf(x.shape))) return null;
  return parts.map((part) => turned(g, part, node)).reduce((sum, part) => g.add(sum, part));
}

function turned(g: Builder, { inputs: [dy, factor], attrs }: Node, node: Node): Node {
  const { size, kernel, before, count } = node.attrs as Windows;
  const [batch, , , channels] = node.shape as [number, number, number, number];
  const filters = dy!.shape.at(-1)!;
  const places = kernel[0] * kernel[1];
  const stored = attrs.transposeB ? factor! : g.transpose(factor!); // [places · C, F]
  const backwards = g.constant(Int32Array.from({ length: places }, (_, place) => places - 1 - place));
  const flipped = g.gather(g.reshape(stored, [places, channels, filters]), backwards);
  const matrix = g.reshape(g.transpose(flipped, [0, 2, 1]), [places * filters, channels]);
  const first = [kernel[0] - 1 - before[0], kernel[1] - 1 - before[1]] as const;
  const under = g.patches(g.reshape(dy!, [batch, ...count, filters]), { kernel, stride: [1, 1], before: first, count: size });
  return g.reshape(g.matMul(g.reshape(under, [-1, places * filters]), matrix), node.shape);
}

/** But for the last axis alone, which runtimes have kernels for: (x - mean)/√(var + ε), whose parts the derivatives need as well. */
export function normalizedParts(g: Builder, node: Node): Node | null {
  const [x] = node.inputs as [Node];
  const { axes, epsilon } = node.attrs as { axes: readonly number[]; epsilon: number };
  if (axes.length === 1 && axes[0] === x.shape.length - 1) return null;
  const { centred, deviation } = scatter(g, x, axes, epsilon);
  return g.div(centred, deviation);
}
