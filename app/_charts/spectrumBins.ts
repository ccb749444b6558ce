/** @file The horizontal axis of spectra: bins of magnitude, negative eigenvalues to the left; shares of eigenvalues over it. */
import { binCount, binned, binOf } from '#core/curvature/density.ts';

export const zero = binOf(0);
/** Axes of shares begin at one eigenvalue in a million, as a power of ten. */
export const lowest = -6;
/** Every other power of ten, both signs, and zero. */
const ticks = [
  ...[4, 2, 0, -2, -4].map((power) => ({ at: binOf(-1.001 * 10 ** power) + 0.5, text: `-10<sup>${power}</sup>` })),
  { at: zero, text: '0' },
  ...[-4, -2, 0, 2, 4].map((power) => ({ at: binOf(1.001 * 10 ** power) - 0.5, text: `10<sup>${power}</sup>` })),
];

/** From the first to the last bin in which any of the rows has something. */
export function eigenvalueAxis(rows: readonly ArrayLike<number>[]): Record<string, unknown> {
  let [first, last] = [zero, zero];
  for (const row of rows)
    for (let bin = 0; bin < row.length; bin++) if (row[bin]! > 0) [first, last] = [Math.min(first, bin), Math.max(last, bin)];
  return {
    title: { text: 'eigenvalue', standoff: 4 },
    tickvals: ticks.map(({ at }) => at),
    ticktext: ticks.map(({ text }) => text),
    range: first < last ? [first - 2, last + 2] : [0, binCount],
  };
}

/** A row of a metric over bins as it is; a row of eigenvalues sorted into the same bins. */
export const sharesOf = (row: Float64Array, bins: boolean): Float64Array =>
  bins ? row : binned(Array.from(row, (value) => ({ value, weight: 1 / row.length })));
