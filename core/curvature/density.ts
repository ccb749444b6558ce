/**
 * @file The spectrum as shares of eigenvalues in fixed bins. The bins are the same for every run and step, so that a row of numbers is enough
 * and rows can be compared: logarithmic in magnitude, 8 to a decade, on both sides of a bin for what is as good as zero.
 */

const perDecade = 8;
const decades = [-6, 6] as const;
const side = perDecade * (decades[1] - decades[0]);

/** Negative side from the largest magnitude inwards, zero, positive side outwards. */
export const binCount = 2 * side + 1;

/** Magnitudes at the edges of the bins of one side, ascending: `side` + 1 of them. Smaller ones count as zero, larger ones in the last bin. */
const edge = (i: number): number => 10 ** (decades[0] + i / perDecade);

/** The bin an eigenvalue falls into. */
export function binOf(value: number): number {
  const magnitude = Math.abs(value);
  if (magnitude < edge(0)) return side;
  const at = Math.min(side - 1, Math.floor((Math.log10(magnitude) - decades[0]) * perDecade));
  return value < 0 ? side - 1 - at : side + 1 + at;
}

/** Where each bin lies: lower and upper edge, signed. */
export function binEdges(bin: number): readonly [low: number, high: number] {
  if (!(Number.isInteger(bin) && bin >= 0 && bin < binCount))
    throw new RangeError(`binEdges: bins are the integers from 0 to ${binCount - 1}, got ${bin}`);
  if (bin === side) return [-edge(0), edge(0)];
  const at = bin < side ? side - 1 - bin : bin - side - 1;
  return bin < side ? [-edge(at + 1), -edge(at)] : [edge(at), edge(at + 1)];
}

/** The largest magnitude. */
export const scaleOf = (values: readonly { readonly value: number }[]): number =>
  values.reduce((most, { value }) => Math.max(most, Math.abs(value)), 0);

/**
 * The share of the spectrum in every bin, from Ritz values and their quadrature weights: the mean over random starts of Σ weight.
 * For starts uniform on the sphere it is unbiased for polynomials of degree 2R-1. Source: Lin, Saad and Yang 2016.
 *
 * @param nothing the magnitude up to which an eigenvalue cannot be told from 0, and counts as that: most of a matrix of low rank are, and
 *   float32 leaves them a millionth of the largest, on either side
 */
export function binned(values: readonly { readonly value: number; readonly weight: number }[], nothing = 0): Float64Array {
  const shares = new Float64Array(binCount);
  if (values.some(({ value }) => !Number.isFinite(value))) return shares.fill(NaN);
  for (const { value, weight } of values) shares[binOf(Math.abs(value) <= nothing ? 0 : value)]! += weight;
  return shares;
}
