/**
 * @file Convolution and pooling of images [B, H, W, C], made of pads, slices and one matrix product.
 *
 * No op of its own: so every derivative exists to any order, in float64 and on every runtime, and a filter gradient is a product too
 * (on ONNX Runtime's processor kernels 9 slices and a product take 23 ms where its Conv with swapped axes takes 39).
 */
import type { Builder } from './builder.ts';
import type { Node } from './node.ts';

export interface Window {
  /** One for both axes, or [rows, columns]. */
  readonly stride?: number | readonly [number, number];
  /** `valid`: only whole windows; `same`: zeros around, so that ⌈size/stride⌉ windows fit, the odd one after the end. */
  readonly padding?: 'same' | 'valid';
}

/** Number of windows along an axis, and the zeros before and after it. */
export function windowsAlong(
  size: number,
  kernel: number,
  { stride = 1, padding = 'valid' }: { readonly stride?: number; readonly padding?: Window['padding'] },
) {
  const count = padding === 'same' ? Math.ceil(size / stride) : Math.floor((size - kernel) / stride) + 1;
  if (![kernel, stride].every((n) => Number.isInteger(n) && n >= 1) || count < 1)
    throw new RangeError(`a window of ${kernel} with stride ${stride} must fit into ${size} (${padding} padding)`);
  const total = padding === 'same' ? Math.max(0, (count - 1) * stride + kernel - size) : 0;
  const before = Math.floor(total / 2);
  return { count, before, after: total - before };
}

/** What lies under one place of every window: x[start + stride·i] along an axis, `count` of them. */
function every(g: Builder, x: Node, axis: number, start: number, count: number, stride: number): Node {
  if (stride === 1) return g.slice(x, axis, start, start + count);
  const missing = Math.max(0, start + count * stride - x.shape[axis]!);
  const run = g.slice(g.pad(x, axis, 0, missing), axis, start, start + count * stride);
  const split = [...x.shape.slice(0, axis), count, stride, ...x.shape.slice(axis + 1)];
  const kept = g.slice(g.reshape(run, split), axis + 1, 0, 1);
  return g.reshape(
    kept,
    x.shape.map((n, i) => (i === axis ? count : n)),
  );
}

/** The values under each place of the window, rows first: kh·kw nodes [B, H', W', C]. */
function underWindow(
  g: Builder,
  x: Node,
  [kh, kw]: readonly [number, number],
  window: Window,
  padWith: 'zero' | 'nothing' = 'zero',
): Node[] {
  if (x.shape.length !== 4) throw new RangeError(`a window slides over images [B, H, W, C], got [${x.shape}]`);
  const { stride = 1, padding = 'valid' } = window;
  const [down, across] = typeof stride === 'number' ? [stride, stride] : stride;
  const rows = windowsAlong(x.shape[1]!, kh, { stride: down, padding });
  const columns = windowsAlong(x.shape[2]!, kw, { stride: across, padding });
  if (padWith === 'nothing' && [rows, columns].some(({ before, after }) => before + after > 0))
    throw new RangeError(`pooling takes whole windows only, got ${kh} x ${kw} over [${x.shape}] with padding`);
  const padded = g.pad(g.pad(x, 1, rows.before, rows.after), 2, columns.before, columns.after);
  return Array.from({ length: kh }, (_, i) => every(g, padded, 1, i, rows.count, down)).flatMap((row) =>
    Array.from({ length: kw }, (_, j) => every(g, row, 2, j, columns.count, across)),
  );
}

/**
 * Cross-correlation of images [B, H, W, C] with kernels [kh, kw, C, N]: [B, H', W', N].
 *
 * @throws RangeError where shapes do not fit
 */
export function conv2d(g: Builder, x: Node, kernel: Node, window: Window = {}): Node {
  const [kh, kw, channels, filters] = kernel.shape as [number, number, number, number];
  if (kernel.shape.length !== 4 || x.shape.length !== 4 || x.shape[3] !== channels)
    throw new RangeError(`conv2d takes images [B, H, W, C] and kernels [kh, kw, C, N], got [${x.shape}] and [${kernel.shape}]`);
  const places = underWindow(g, x, [kh, kw], window);
  const [batch, rows, columns] = places[0]!.shape as [number, number, number];
  const patches = g.reshape(g.concat(places, 3), [batch * rows * columns, kh * kw * channels]);
  const products = g.matMul(patches, g.reshape(kernel, [kh * kw * channels, filters]));
  return g.reshape(products, [batch, rows, columns, filters]);
}

/** The largest value under each window; where several tie, the derivative goes to them in equal parts, two at a time. */
export function maxPool(g: Builder, x: Node, size: number, stride: number = size): Node {
  return underWindow(g, x, [size, size], { stride }, 'nothing').reduce((largest, place) => g.maximum(largest, place));
}

/** The mean under each window. */
export function averagePool(g: Builder, x: Node, size: number, stride: number = size): Node {
  const places = underWindow(g, x, [size, size], { stride }, 'nothing');
  return g.mul(
    places.reduce((sum, place) => g.add(sum, place)),
    1 / places.length,
  );
}

/** The mean of each channel over the whole image: [B, C]. */
export function globalAveragePool(g: Builder, x: Node): Node {
  return g.mul(g.sum(x, [1, 2]), 1 / (x.shape[1]! * x.shape[2]!));
}
