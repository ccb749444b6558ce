/** @file Series of several runs on common steps, and their statistics over seeds. */
import { interval95 } from '#core/statistics.ts';
import type { Series } from '../_live/series.ts';

export interface Aligned {
  readonly width: number;
  readonly steps: readonly number[];
  /** Steps that one entry stands for; 1 where rows are as recorded. */
  readonly each: number;
  /** Per series: entry × width, NaN where it has none. */
  readonly mean: readonly Float64Array[];
  readonly min: readonly Float64Array[];
  readonly max: readonly Float64Array[];
  readonly flags: readonly Uint8Array[];
}

/** Bucket size on which all of them have values: the coarsest of them, or wide enough where each was measured at steps of its own. */
function gridOf(all: readonly Series[]): number {
  const coarsest = Math.max(1, ...all.map(({ level }) => 2 ** level));
  if (all.length < 2) return coarsest;
  const [first, ...others] = all;
  const same = others.every(({ steps, rows }) => {
    const n = Math.min(rows, first!.rows, 40);
    for (let i = 0; i < n; i++) if (steps[i] !== first!.steps[i]) return false;
    return true;
  });
  if (same || coarsest > 1) return coarsest;
  const gaps = all.filter(({ rows }) => rows > 2).map(({ steps, rows }) => (steps[rows - 1]! - steps[0]!) / (rows - 1));
  return gaps.length ? 2 ** Math.ceil(Math.log2(Math.max(...gaps) * 1.5)) : 1;
}

export function align(list: readonly (Series | null)[]): Aligned {
  const present = list.filter((series): series is Series => series !== null && series.rows > 0);
  const width = Math.max(1, ...present.map((series) => series.width));
  const each = gridOf(present);
  const at = new Map<number, number>();
  const place = (step: number) => (each === 1 ? step : Math.floor(step / each) * each);
  const steps = [...new Set(present.flatMap((series) => Array.from(series.steps, place)))].sort((a, b) => a - b);
  steps.forEach((step, i) => at.set(step, i));
  const plane = () => list.map(() => new Float64Array(steps.length * width).fill(NaN));
  const [mean, min, max] = [plane(), plane(), plane()];
  const flags = list.map(() => new Uint8Array(steps.length * width));
  list.forEach((series, s) => {
    if (!series) return;
    const count = new Uint32Array(steps.length * width);
    for (let row = 0; row < series.rows; row++) {
      const to = at.get(place(series.steps[row]!))! * width;
      for (let column = 0; column < series.width; column++) {
        const [from, into] = [row * series.width + column, to + column];
        flags[s]![into]! |= series.flags[from]!;
        const value = series.mean[from]!;
        if (Number.isNaN(value)) continue;
        const n = ++count[into]!;
        mean[s]![into] = n === 1 ? value : mean[s]![into]! + (value - mean[s]![into]!) / n;
        if (!(min[s]![into]! <= series.min[from]!)) min[s]![into] = series.min[from]!;
        if (!(max[s]![into]! >= series.max[from]!)) max[s]![into] = series.max[from]!;
      }
    }
  });
  return { width, steps, each, mean, min, max, flags };
}

export interface Band {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/** Mean and 95% t interval over the members that have a value; taken of logarithms (then carried back) where the axis is logarithmic. */
export function bandOf(values: readonly number[], log: boolean): Band {
  const own = values.filter((value) => !Number.isNaN(value) && (!log || value > 0));
  if (own.length === 0) return { mean: NaN, low: NaN, high: NaN, n: 0 };
  const { mean, low, high, n } = interval95(log ? own.map(Math.log) : own);
  return log ? { mean: Math.exp(mean), low: Math.exp(low), high: Math.exp(high), n } : { mean, low, high, n };
}

/** Exponential moving average over entries; a gap stays a gap. `strength` 0 to 0.99. */
export function smooth(values: readonly number[], strength: number): number[] {
  if (strength === 0) return [...values];
  let average = NaN;
  return values.map((value) => {
    if (Number.isNaN(value)) return NaN;
    average = Number.isNaN(average) ? value : strength * average + (1 - strength) * value;
    return average;
  });
}
