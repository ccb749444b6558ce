/** @file Colours of many groups: beyond seven each stands for a value of one field that varies, not for one group. */
import { inOrder } from './colours.ts';

/** More groups than this have no colour of their own. */
export const mostColours = inOrder.length;

export interface Shade {
  /** CSS variable. */
  readonly colour: string;
  /** What it stands for: `width 16`, or `width 16 to 32` where values share it. */
  readonly name: string;
}

/** `fields`: what varies, with the value of each group; null where no field can give the colours. Numbers are in order, from dark to bright or back. */
export function shadesOf(fields: readonly { readonly word: string; readonly values: readonly unknown[] }[]): readonly Shade[] | null {
  const candidates = fields.map(({ word, values }) => {
    const numeric = values.every((value) => typeof value === 'number');
    const keys = values.map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)));
    const distinct = [...new Set(keys)];
    if (numeric) distinct.sort((a, b) => Number(a) - Number(b));
    return { word, keys, distinct, numeric };
  });
  const fits = candidates.filter(({ distinct }) => distinct.length > 1 && distinct.length <= mostColours);
  const [chosen] = (fits.length > 0 ? fits : candidates.filter(({ numeric }) => numeric)).toSorted(
    (a, b) => Number(b.numeric) - Number(a.numeric) || b.distinct.length - a.distinct.length,
  );
  if (!chosen) return null;
  const { word, keys, distinct, numeric } = chosen;
  const last = Math.max(1, distinct.length - 1);
  const placeOf = (rank: number) => (numeric ? Math.round((rank / last) * (mostColours - 1)) : rank);
  return keys.map((key) => {
    const place = placeOf(distinct.indexOf(key));
    const sharing = distinct.filter((_, rank) => placeOf(rank) === place);
    const range = sharing.length > 1 ? `${sharing[0]} to ${sharing.at(-1)}` : key;
    return { colour: numeric ? `--ramp-${place + 1}` : inOrder[place]!, name: `${word} ${range}` };
  });
}
