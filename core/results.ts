/** @file What a run has told, as claims, diagnoses and predictions read it; wherever the rows come from: a database, a file, a training in this process. */
import type { Status } from './protocol.ts';
import type { Spec } from './spec.ts';

/** Rows of one metric in the order of their steps. */
export interface Series {
  readonly steps: ArrayLike<number>;
  /** [rows, width], row-major. */
  readonly values: ArrayLike<number>;
  readonly width: number;
}

export interface RunResult {
  readonly spec: Spec;
  readonly status: Status;
  /** Why a run crashed. */
  readonly reason?: string;
  /** No rows where the run has no such quantity, or none yet. */
  series(metric: string): Series;
}

/** Came to its end by itself, well or not: what it has is all there will be. */
export const hasEnded = ({ status }: Pick<RunResult, 'status'>): boolean => status === 'finished' || status === 'diverged';

const noSeries: Series = { steps: [], values: [], width: 0 };

const row = ({ values, width }: Series, index: number): number[] => Array.from({ length: width }, (_, i) => values[index * width + i]!);

export const lastRow = (series: Series): number[] | null => (series.steps.length > 0 ? row(series, series.steps.length - 1) : null);

/** The row of exactly this step. */
export function rowAt(series: Series, step: number): number[] | null {
  const index = Array.prototype.indexOf.call(series.steps, step) as number;
  return index < 0 ? null : row(series, index);
}

/** One value of every row, a layer's or an eigenvalue's: its steps and its values. */
export function column({ steps, values, width }: Series, index = 0): { readonly steps: number[]; readonly values: number[] } {
  if (steps.length > 0 && !(index >= 0 && index < width)) throw new RangeError(`column: must be from 0 to ${width - 1}, got ${index}`);
  return { steps: Array.from(steps), values: Array.from(steps, (_, i) => values[i * width + index]!) };
}

/** The first step whose row passes; NaN where none does. */
export function firstStep(series: Series, passes: (row: readonly number[]) => boolean): number {
  for (let i = 0; i < series.steps.length; i++) if (passes(row(series, i))) return series.steps[i]!;
  return NaN;
}

/** Results of runs, collected row by row as a training says them; in float32, as they are stored, so that every judge sees the same numbers. */
export function collector(metrics: readonly string[]): {
  append(metric: string, step: number, row: ArrayLike<number>): void;
  series(metric: string): Series;
} {
  const wanted = new Set(metrics);
  const all = new Map<string, { steps: number[]; values: number[]; width: number }>();
  return {
    append(metric, step, values) {
      if (!wanted.has(metric)) return;
      let series = all.get(metric);
      if (!series) all.set(metric, (series = { steps: [], values: [], width: values.length }));
      series.steps.push(step);
      for (let i = 0; i < values.length; i++) series.values.push(Math.fround(values[i]!));
    },
    series(metric) {
      if (!wanted.has(metric)) throw new RangeError(`series: must be one of ${metrics.join(', ')}, got ${metric}`);
      return all.get(metric) ?? noSeries;
    },
  };
}
