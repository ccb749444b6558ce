/** @file Patches [B, rows, columns, kh·kw·C] added up where they overlap: images [B, H, W, C]. The transpose of `patches`. */
import { checkWindows, pixelsUnder, type Windows } from '../windows.ts';
import { sizeOf, type Node, type Op } from '../node.ts';

export const fold: Op<[x: Node, windows: Windows], Windows> = {
  name: 'fold',
  build: (g, x, { size, kernel, stride, before, count }) => g.node('fold', [x], { size, kernel, stride, before, count }),
  infer([x], windows) {
    const { size, kernel, count } = windows;
    checkWindows('fold', windows);
    const [batch, rows, columns, values] = x!.shape;
    const channels = values! / (kernel[0] * kernel[1]);
    if (x!.shape.length !== 4 || rows !== count[0] || columns !== count[1] || !Number.isInteger(channels))
      throw new RangeError(`fold takes patches [B, ${count}, n·${kernel[0] * kernel[1]}], got [${x!.shape}]`);
    if (x!.dtype === 'int32') throw new TypeError('fold takes float32 or float64, got int32');
    return { shape: [batch!, ...size, channels], dtype: x!.dtype };
  },
  reverse: (g, { attrs }, dy) => [g.patches(dy, attrs as Windows)],
  forward: (g, { attrs }, [dx]) => (dx ? g.fold(dx, attrs as Windows) : null),
  evaluate([x], node) {
    const [batch, height, width, channels] = node.shape as [number, number, number, number];
    const pixels = pixelsUnder(node.attrs as Windows);
    const out = new Float64Array(sizeOf(node.shape));
    for (let b = 0; b < batch; b++)
      pixels.forEach((pixel, place) => {
        if (pixel === height * width) return;
        const [from, to] = [(b * pixels.length + place) * channels, (b * height * width + pixel) * channels];
        for (let c = 0; c < channels; c++) out[to + c]! += x![from + c]!;
      });
    return out;
  },
  cases: [
    {
      title: 'zeros around',
      inputs: [{ shape: [2, 3, 4, 18] }],
      make: (g, [x]) => g.fold(x!, { size: [3, 4], kernel: [3, 3], stride: [1, 1], before: [1, 1], count: [3, 4] }),
    },
    {
      title: 'stride 2, pixels that no window sees',
      inputs: [{ shape: [1, 2, 2, 12] }],
      make: (g, [x]) => g.fold(x!, { size: [6, 4], kernel: [3, 2], stride: [2, 2], before: [1, 0], count: [2, 2] }),
    },
  ],
};
