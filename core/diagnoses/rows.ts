/** @file Series row by row, and for how long something holds in them. */
import type { RunResult, Series } from '../results.ts';
import { median } from '../statistics.ts';

export interface Row {
  readonly step: number;
  readonly values: readonly number[];
}

export const rowsOf = ({ steps, values, width }: Series): Row[] =>
  Array.from(steps, (step, i) => ({ step, values: Array.from({ length: width }, (_, j) => values[i * width + j]!) }));

/** Rows of steps that several metrics have in common, each with the values of all of them. */
export function together(
  run: Pick<RunResult, 'series'>,
  metrics: readonly string[],
): { step: number; values: readonly (readonly number[])[] }[] {
  const [first, ...others] = metrics.map((name) => new Map(rowsOf(run.series(name)).map(({ step, values }) => [step, values])));
  return [...first!]
    .filter(([step]) => others.every((other) => other.has(step)))
    .map(([step, values]) => ({ step, values: [values, ...others.map((other) => other.get(step)!)] }));
}

/**
 * Where something lasts: from the beginning on as long as it holds, else from the first to the last of its rows where these are at least
 * half of all. Null where it comes and goes.
 */
export function lasting<T extends { readonly step: number }>(
  rows: readonly T[],
  holds: (row: T) => boolean,
): { readonly first: T; readonly steps: readonly [number, number] } | null {
  const held = rows.filter(holds);
  const [start, end] = [held[0], held.at(-1)];
  if (!start || !end) return null;
  if (start !== rows[0]) return 2 * held.length >= rows.length ? { first: start, steps: [start.step, end.step] } : null;
  const stop = rows.findIndex((row) => !holds(row));
  return { first: start, steps: [start.step, (stop < 0 ? end : rows[stop - 1]!).step] };
}

/** The last quarter of the rows, at least one. */
export const lastQuarter = <T>(rows: readonly T[]): readonly T[] => rows.slice(Math.min(rows.length - 1, Math.floor(0.75 * rows.length)));

/** Median over rows, value by value. */
export const medians = (rows: readonly Row[]): number[] =>
  Array.from({ length: rows[0]?.values.length ?? 0 }, (_, i) => median(rows.map(({ values }) => values[i]!)));
