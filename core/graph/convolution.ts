/**
 * @file Convolution and pooling of images [B, H, W, C]: patches times a matrix, and joined slices.
 *
 * `patches` and its transpose `fold` are linear, so every derivative exists to any order, in float64 and on every runtime, and a filter
 * gradient is a product too. Simplification turns an image's gradient, folded products, into a product of patches.
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

/** Cuts an axis into windows and joins them place by place; windows side by side are split without a copy for each. */
function pooled(g: Builder, x: Node, axis: number, size: number, stride: number, join: (a: Node, b: Node) => Node): Node {
  const { count } = windowsAlong(x.shape[axis]!, size, { stride });
  const resized = (...sizes: number[]) => [...x.shape.slice(0, axis), ...sizes, ...x.shape.slice(axis + 1)];
  /** [.., count, stride, ..] from a place on, so that the windows' places lie at one index. */
  const strided = (start: number) => {
    const missing = Math.max(0, start + count * stride - x.shape[axis]!);
    return g.reshape(g.slice(g.pad(x, axis, 0, missing), axis, start, start + count * stride), resized(count, stride));
  };
  const places = Array.from({ length: size }, (_, place) => {
    if (stride === 1) return g.slice(x, axis, place, place + count);
    const [from, at] = [Math.floor(place / stride) * stride, place % stride];
    return g.reshape(g.slice(strided(from), axis + 1, at, at + 1), resized(count));
  });
  return places.reduce(join);
}

/** Windows of whole pixels are rectangles, so rows may be joined first and columns then. */
function pool(g: Builder, x: Node, size: number, stride: number, join: (a: Node, b: Node) => Node): Node {
  if (x.shape.length !== 4) throw new RangeError(`pooling takes images [B, H, W, C], got [${x.shape}]`);
  return pooled(g, pooled(g, x, 1, size, stride, join), 2, size, stride, join);
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
  const { stride: step = 1, padding = 'valid' } = window;
  const stride = typeof step === 'number' ? ([step, step] as const) : step;
  const rows = windowsAlong(x.shape[1]!, kh, { stride: stride[0], padding });
  const columns = windowsAlong(x.shape[2]!, kw, { stride: stride[1], padding });
  const count = [rows.count, columns.count] as const;
  const under = g.patches(x, { kernel: [kh, kw], stride, before: [rows.before, columns.before], count });
  const products = g.matMul(g.reshape(under, [-1, kh * kw * channels]), g.reshape(kernel, [kh * kw * channels, filters]));
  return g.reshape(products, [x.shape[0]!, ...count, filters]);
}

/** The largest value under each window; where several tie, the derivative goes to them in equal parts, two at a time. */
export function maxPool(g: Builder, x: Node, size: number, stride: number = size): Node {
  return pool(g, x, size, stride, (a, b) => g.maximum(a, b));
}

/** The mean under each window. */
export function averagePool(g: Builder, x: Node, size: number, stride: number = size): Node {
  return g.mul(
    pool(g, x, size, stride, (a, b) => g.add(a, b)),
    1 / (size * size),
  );
}

/** The mean of each channel over the whole image: [B, C]. */
export function globalAveragePool(g: Builder, x: Node): Node {
  return g.mul(g.sum(x, [1, 2]), 1 / (x.shape[1]! * x.shape[2]!));
}
