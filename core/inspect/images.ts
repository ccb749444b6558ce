/** @file Convolution and pooling of images [B, H, W, C] out of gathers and matrix products, so that every derivative comes from those. */
import type { Builder } from '../graph/builder.ts';
import type { Node } from '../graph/node.ts';

export interface Window {
  readonly size: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: 'same' | 'valid';
}

/** Output length and zeros in front, along one axis; `same` puts the odd zero behind, as TensorFlow does. */
export function windows(length: number, size: number, stride: number, padding: Window['padding']): { count: number; before: number } {
  if (padding === 'valid') return { count: Math.floor((length - size) / stride) + 1, before: 0 };
  const count = Math.ceil(length / stride);
  return { count, before: Math.floor(Math.max((count - 1) * stride + size - length, 0) / 2) };
}

/** Every pixel of every window, [kh·kw, H'·W', B, C]; zeros outside the image. */
function patches(g: Builder, x: Node, { size: [kh, kw], stride: [sh, sw], padding }: Window): { pixels: Node; height: number; width: number } {
  const [batch, h, w, channels] = x.shape as [number, number, number, number];
  const rows = windows(h, kh, sh, padding);
  const columns = windows(w, kw, sw, padding);
  const outside = h * w; // the row of zeros behind the pixels
  const indices = new Int32Array(kh * kw * rows.count * columns.count);
  let at = 0;
  for (let i = 0; i < kh; i++)
    for (let j = 0; j < kw; j++)
      for (let r = 0; r < rows.count; r++)
        for (let c = 0; c < columns.count; c++) {
          const [y, z] = [r * sh + i - rows.before, c * sw + j - columns.before];
          indices[at++] = y >= 0 && y < h && z >= 0 && z < w ? y * w + z : outside;
        }
  const flat = g.reshape(g.transpose(x, [1, 2, 0, 3]), [h * w, batch * channels]);
  const gathered = g.gather(g.pad(flat, 0, 0, 1), g.constant(indices));
  const pixels = g.reshape(gathered, [kh * kw, rows.count * columns.count, batch, channels]);
  return { pixels, height: rows.count, width: columns.count };
}

/** Cross-correlation with a kernel [kh, kw, Cin, Cout]. */
export function convolve(g: Builder, x: Node, kernel: Node, window: Window): Node {
  const [batch, , , channels] = x.shape as [number, number, number, number];
  const { pixels, height, width } = patches(g, x, window);
  const filters = kernel.shape[3]!;
  const columns = g.reshape(g.transpose(pixels, [2, 1, 0, 3]), [batch * height * width, -1]); // [B·H'·W', kh·kw·Cin]
  const product = g.matMul(columns, g.reshape(kernel, [window.size[0] * window.size[1] * channels, filters]));
  return g.reshape(product, [batch, height, width, filters]);
}

/** Largest or mean value of each window, [B, H', W', C]; what does not fill a window at the border is dropped. */
export function pool(g: Builder, x: Node, kind: 'max' | 'average', window: Window): Node {
  const [batch, , , channels] = x.shape as [number, number, number, number];
  const { pixels, height, width } = patches(g, x, window);
  const pooled = kind === 'max' ? g.reduceMax(pixels, [0]) : g.mul(g.sum(pixels, [0]), 1 / pixels.shape[0]!); // [H'·W', B, C]
  return g.reshape(g.transpose(pooled, [1, 0, 2]), [batch, height, width, channels]);
}
