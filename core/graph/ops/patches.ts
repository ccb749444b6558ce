/** @file What lies under each place of a sliding window: images [B, H, W, C] to patches [B, rows, columns, kh·kw·C], zeros outside. */
import { checkWindows, pixelsUnder, type Windows } from '../windows.ts';
import type { Node, Op } from '../node.ts';

export const patches: Op<[x: Node, windows: Omit<Windows, 'size'>], Windows> = {
  name: 'patches',
  build(g, x, { kernel, stride, before, count }) {
    const [, height = 0, width = 0] = x.shape;
    const windows: Windows = { size: [height, width], kernel, stride, before, count };
    const trivial =
      [...kernel, ...stride].every((n) => n === 1) && before.every((n) => n === 0) && count[0] === height && count[1] === width;
    return trivial && x.shape.length === 4 ? x : g.node('patches', [x], windows);
  },
  infer([x], windows) {
    const { kernel, count, size } = windows;
    const [batch, height, width, channels] = x!.shape;
    if (x!.shape.length !== 4 || height !== size[0] || width !== size[1])
      throw new RangeError(`patches takes images [B, H, W, C], got [${x!.shape}]`);
    if (x!.dtype === 'int32') throw new TypeError('patches takes float32 or float64, got int32');
    checkWindows('patches', windows);
    return { shape: [batch!, ...count, kernel[0] * kernel[1] * channels!], dtype: x!.dtype };
  },
  reverse: (g, { attrs }, dy) => [g.fold(dy, attrs as Windows)],
  forward: (g, { attrs }, [dx]) => (dx ? g.patches(dx, attrs as Windows) : null),
  evaluate([x], node) {
    const [batch, height, width, channels] = node.inputs[0]!.shape as [number, number, number, number];
    const pixels = pixelsUnder(node.attrs as Windows);
    const out = new Float64Array(batch * pixels.length * channels);
    for (let b = 0; b < batch; b++)
      pixels.forEach((pixel, place) => {
        const [from, to] = [(b * height * width + pixel) * channels, (b * pixels.length + place) * channels];
        if (pixel < height * width) out.set(x!.subarray(from, from + channels), to);
      });
    return out;
  },
  cases: [
    {
      title: 'zeros around',
      inputs: [{ shape: [2, 3, 4, 2] }],
      make: (g, [x]) => g.patches(x!, { kernel: [3, 3], stride: [1, 1], before: [1, 1], count: [3, 4] }),
    },
    {
      title: 'stride 2 by 1, five channels',
      inputs: [{ shape: [1, 5, 4, 5] }],
      make: (g, [x]) => g.patches(x!, { kernel: [3, 2], stride: [2, 1], before: [1, 0], count: [3, 3] }),
    },
    {
      title: 'inside only',
      inputs: [{ shape: [2, 4, 4, 4] }],
      make: (g, [x]) => g.patches(x!, { kernel: [2, 2], stride: [1, 1], before: [0, 0], count: [3, 3] }),
    },
  ],
};
