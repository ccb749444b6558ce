/** @file Ten digits as polylines in the unit square (x to the right, y down), drawn by hand for the glyph images. */

type Point = readonly [x: number, y: number];
export type Stroke = readonly Point[];

/** Part of an ellipse as a polyline; angles in turns, clockwise from the right. */
function arc(cx: number, cy: number, rx: number, ry: number, from: number, to: number): Stroke {
  const pieces = Math.max(3, Math.ceil(Math.abs(to - from) * 16));
  return Array.from({ length: pieces + 1 }, (_, i) => {
    const angle = 2 * Math.PI * (from + ((to - from) * i) / pieces);
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)] as const;
  });
}

export const digits: readonly (readonly Stroke[])[] = [
  [arc(0.5, 0.5, 0.28, 0.4, 0, 1)],
  [
    [
      [0.35, 0.25],
      [0.53, 0.1],
      [0.53, 0.9],
    ],
  ],
  [[...arc(0.5, 0.32, 0.26, 0.22, 0.5, 1.08), [0.24, 0.9], [0.78, 0.9]]],
  [[...arc(0.48, 0.3, 0.24, 0.2, 0.6, 1.22)], arc(0.48, 0.69, 0.27, 0.21, 0.78, 1.4)],
  [
    [
      [0.62, 0.9],
      [0.62, 0.1],
      [0.2, 0.65],
      [0.8, 0.65],
    ],
  ],
  [[[0.74, 0.1], [0.32, 0.1], [0.29, 0.46], ...arc(0.48, 0.65, 0.26, 0.24, 0.62, 1.4)]],
  [[[0.66, 0.1], [0.36, 0.38], ...arc(0.5, 0.67, 0.25, 0.23, 0.55, 1.55)]],
  [
    [
      [0.22, 0.1],
      [0.78, 0.1],
      [0.42, 0.9],
    ],
  ],
  [arc(0.5, 0.3, 0.21, 0.19, 0, 1), arc(0.5, 0.69, 0.26, 0.21, 0, 1)],
  [[...arc(0.5, 0.33, 0.25, 0.23, 0, 1), [0.72, 0.42], [0.58, 0.9]]],
];

/** Distance from a point to the nearest stroke. */
export function distance(strokes: readonly Stroke[], x: number, y: number): number {
  let nearest = Infinity;
  for (const stroke of strokes)
    for (let i = 1; i < stroke.length; i++) {
      const [[ax, ay], [bx, by]] = [stroke[i - 1]!, stroke[i]!];
      const [dx, dy] = [bx - ax, by - ay];
      const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
      nearest = Math.min(nearest, Math.hypot(x - ax - along * dx, y - ay - along * dy));
    }
  return nearest;
}
