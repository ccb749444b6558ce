/** @file A finding as JSON and back: numbers that JSON has no word for travel as the texts NaN, Infinity, -Infinity. */
import type { Finding, Verdict } from './claim.ts';

/** What a measurement of a claim came to, as it is kept beside the paper. */
export interface Recorded {
  readonly verdict: Verdict;
  readonly budget: string;
  readonly seed: number;
  readonly seconds: number;
  /** What computed, and the day it did. */
  readonly by: string;
  readonly finding: unknown;
}
export type RecordedClaims = Readonly<Record<string, Recorded>>;

const texts = new Map<unknown, number>([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

const walk = (value: unknown, leaf: (value: unknown) => unknown): unknown =>
  Array.isArray(value)
    ? value.map((inner) => walk(inner, leaf))
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, leaf)]))
      : leaf(value);

/** @param digits significant ones to keep; all of them without it */
export const findingToJson = (finding: Finding, digits?: number): { readonly [K in keyof Finding]: unknown } =>
  walk(finding, (value) => {
    if (typeof value !== 'number') return value;
    if (!Number.isFinite(value)) return String(value);
    return digits === undefined ? value : Number(value.toPrecision(digits));
  }) as { [K in keyof Finding]: unknown };

/** Titles and names are words, never one of the three texts. */
export const findingFromJson = (json: unknown): Finding => walk(json, (value) => texts.get(value) ?? value) as Finding;
