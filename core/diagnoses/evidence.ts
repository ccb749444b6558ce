/** @file What speaks for a diagnosis, what to try, and how its numbers are put into words. */

export interface Evidence {
  /** `note`: good to know, nothing need be wrong. */
  readonly severity: 'fault' | 'note';
  /** Places of the layers it is about, bottom first; none where it is about the whole network. */
  readonly layers: readonly number[];
  readonly steps: readonly [from: number, to: number];
  /** One sentence with its numbers and units. */
  readonly words: string;
  /** The same numbers by name. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** A change of the spec that goes against the condition. */
export interface Remedy {
  readonly words: string;
  /** Fields of the spec to replace, each as a person would write it. */
  readonly change: Readonly<Record<string, unknown>>;
}

/** Three digits; powers of ten from a thousand on and from a thousandth down. */
export function inWords(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'no number' : value > 0 ? 'infinity' : 'minus infinity';
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e4)) return Number(value.toPrecision(3)).toLocaleString('en');
  const exponent = Math.floor(Math.log10(size));
  return `${(value / 10 ** exponent).toFixed(1)}·10^${exponent}`;
}

/** A factor as a power of ten with one decimal: 10^6.0. */
export const powerOfTen = (factor: number): string => (factor === Infinity ? 'infinity' : `10^${Math.log10(factor).toFixed(1)}`);

export const percent = (share: number): string => `${Number((100 * share).toPrecision(2))}%`;

/** (step 0), (steps 0 to 2,000). */
export const whenIn = ([from, to]: readonly [number, number]): string =>
  from === to ? `(step ${from.toLocaleString('en')})` : `(steps ${from.toLocaleString('en')} to ${to.toLocaleString('en')})`;
