/** @file Windows that slide over images: which pixel lies under which place, shared by the ops and their lowerings. */

/** `count` windows of `kernel` places along rows and columns, `stride` apart, the first beginning `before` pixels outside the image. */
export type Windows = {
  /** Height and width of the image. */
  readonly size: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly before: readonly [number, number];
  readonly count: readonly [number, number];
};

export function checkWindows(what: string, { size, kernel, stride, before, count }: Windows): void {
  if (![...size, ...kernel, ...stride, ...count].every((n) => Number.isInteger(n) && n >= 1) || !before.every(Number.isInteger))
    throw new RangeError(
      `${what}: sizes, kernel, stride and count must be positive integers, got image [${size}], kernel [${kernel}], stride [${stride}], before [${before}], count [${count}]`,
    );
}

/** For every place of every window, [rows, columns, kh, kw], the pixel under it; the number of pixels where it lies outside. */
export function pixelsUnder(windows: Windows): Int32Array {
  const {
    size: [height, width],
    kernel: [kh, kw],
    stride: [down, across],
    before: [top, left],
    count: [rows, columns],
  } = windows;
  const pixels = new Int32Array(rows * columns * kh * kw);
  let place = 0;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let i = 0; i < kh; i++)
        for (let j = 0; j < kw; j++) {
          const [y, x] = [row * down + i - top, column * across + j - left];
          pixels[place++] = y >= 0 && x >= 0 && y < height && x < width ? y * width + x : height * width;
        }
  return pixels;
}

/** For every pixel, [height · width, most], the places above it, filled up with the number of places. */
export function placesOver(windows: Windows): { places: Int32Array; most: number } {
  const pixels = pixelsUnder(windows);
  const above = Array.from({ length: windows.size[0] * windows.size[1] }, (): number[] => []);
  pixels.forEach((pixel, place) => above[pixel]?.push(place));
  const most = above.reduce((largest, { length }) => Math.max(largest, length), 1);
  return { places: Int32Array.from(above.flatMap((list) => Array.from({ length: most }, (_, k) => list[k] ?? pixels.length))), most };
}
