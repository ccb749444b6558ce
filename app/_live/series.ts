/**
 * @file The drawn part of one metric of one run: the server's window, then live chunks folded into the same buckets. Memory is bounded
 * by the pixels: when there are twice as many buckets as fit, neighbours merge, as in core/pyramid.ts.
 */
import type { Chunk } from '#core/chunk.ts';
import { bucketSteps, levelFor, nonFinite } from '#core/pyramid.ts';

export interface WindowAnswer {
  readonly metric: string;
  readonly width: number;
  readonly level: number;
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly totalRows: number;
  readonly firstSteps: string;
  readonly min: string;
  readonly max: string;
  readonly mean: string;
  readonly last: string;
  readonly nonFinite: string;
  readonly cursor: string;
  readonly seams: readonly { readonly attempt: number; readonly step: number; readonly reason: string }[];
}

export interface Series {
  readonly width: number;
  readonly level: number;
  /** Buckets (rows at level 0), ascending; the arrays below hold `rows` × `width` values. */
  readonly rows: number;
  readonly steps: Float64Array;
  readonly min: Float32Array;
  readonly max: Float32Array;
  readonly mean: Float32Array;
  readonly last: Float32Array;
  readonly flags: Uint8Array;
  readonly totalRows: number;
  /** Newest step in here, -1 before the first. */
  readonly latest: number;
  readonly seams: WindowAnswer['seams'];
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
const floats = (text: string) => new Float32Array(fromBase64(text).buffer);

const planes = ['min', 'max', 'mean', 'last'] as const;

export function createSeries(window: WindowAnswer, pixels: number, range: readonly [number, number] | null) {
  let { width, level } = window;
  let used = window.rows;
  let size = Math.max(used, 64);
  let attempt = window.seams.reduce((most, seam) => Math.max(most, seam.attempt), 0);
  let latest = window.rows > 0 ? window.to : -1;
  let totalRows = window.totalRows;
  let steps = new Float64Array(size);
  let weight = new Float64Array(size);
  let flags = new Uint8Array(size * width);
  const arrays = Object.fromEntries(planes.map((key) => [key, new Float32Array(size * width)])) as Record<
    (typeof planes)[number],
    Float32Array
  >;
  if (used > 0) {
    steps.set(new Float64Array(fromBase64(window.firstSteps).buffer));
    flags.set(fromBase64(window.nonFinite));
    for (const key of planes) arrays[key].set(floats(window[key]));
    // The window says how many rows there are in all, not per bucket: rows are evenly spaced but for a seam, so this is their share.
    const density = window.totalRows / (window.to - window.from + 1);
    for (let row = 0; row < used; row++)
      weight[row] =
        level === 0 ? 1 : Math.max(1, Math.round((Math.min(window.to + 1, steps[row]! + bucketSteps(level)) - steps[row]!) * density));
  }

  function grow(): void {
    size *= 2;
    const wider = <T extends Float32Array | Float64Array | Uint8Array>(old: T, next: T): T => (next.set(old as never), next);
    steps = wider(steps, new Float64Array(size));
    weight = wider(weight, new Float64Array(size));
    flags = wider(flags, new Uint8Array(size * width));
    for (const key of planes) arrays[key] = wider(arrays[key], new Float32Array(size * width));
  }

  /** Puts bucket `from` into bucket `to`, both of the present arrays. */
  function merge(from: number, to: number): void {
    const total = weight[to]! + weight[from]!;
    for (let column = 0, a = from * width, b = to * width; column < width; column++, a++, b++) {
      const { min, max, mean, last } = arrays;
      if (!(min[b]! <= min[a]!) && !Number.isNaN(min[a]!)) min[b] = min[a]!;
      if (!(max[b]! >= max[a]!) && !Number.isNaN(max[a]!)) max[b] = max[a]!;
      if (Number.isNaN(mean[b]!)) mean[b] = mean[a]!;
      else if (!Number.isNaN(mean[a]!)) mean[b] = mean[b]! + ((mean[a]! - mean[b]!) * weight[from]!) / total;
      last[b] = last[a]!;
      flags[b]! |= flags[a]!;
    }
    weight[to] = total;
  }

  function coarsenTo(next: number): void {
    level = next;
    const each = bucketSteps(level);
    let kept = 0;
    for (let row = 0; row < used; row++) {
      const first = Math.floor(steps[row]! / each) * each;
      if (kept > 0 && steps[kept - 1] === first) merge(row, kept - 1);
      else {
        steps[kept] = first;
        weight[kept] = weight[row]!;
        if (kept !== row) {
          for (const key of planes) arrays[key].copyWithin(kept * width, row * width, (row + 1) * width);
          flags.copyWithin(kept * width, row * width, (row + 1) * width);
        }
        kept++;
      }
    }
    used = kept;
  }

  function put(step: number, values: Float32Array, at: number): void {
    const first = level === 0 ? step : Math.floor(step / bucketSteps(level)) * bucketSteps(level);
    if (used === size) grow();
    const row = used;
    steps[row] = first;
    weight[row] = 1;
    for (let column = 0, to = row * width; column < width; column++, to++) {
      const value = values[at + column]!;
      const finite = value - value === 0;
      for (const key of planes) arrays[key][to] = finite || key === 'last' ? value : NaN;
      flags[to] = finite ? 0 : Number.isNaN(value) ? nonFinite.nan : value > 0 ? nonFinite.positive : nonFinite.negative;
    }
    if (row > 0 && steps[row - 1] === first) merge(row, row - 1);
    else used++;
  }

  return {
    /** Folds a chunk in; false where a resumption took back rows that are drawn already, and the window must be asked for again. */
    append(chunk: Chunk): boolean {
      const first = chunk.steps[0]!;
      if (chunk.attempt > attempt) {
        if (attempt > 0 && first <= latest) return false;
        attempt = chunk.attempt;
      } else if (chunk.attempt < attempt) return true;
      if (used === 0 && width !== chunk.width) {
        width = chunk.width;
        flags = new Uint8Array(size * width);
        for (const key of planes) arrays[key] = new Float32Array(size * width);
      }
      for (let row = 0; row < chunk.steps.length; row++) {
        const step = chunk.steps[row]!;
        // After a reconnect the line repeats what came since the subscription began.
        if (step <= latest || (range !== null && (step < range[0] || step > range[1]))) continue;
        put(step, chunk.values, row * width);
        latest = step;
        totalRows++;
        if (used > 2 * pixels) coarsenTo(Math.max(level + 1, levelFor(steps[0]!, latest, pixels)));
      }
      return true;
    },
    view: (): Series => ({
      width,
      level,
      rows: used,
      steps: steps.subarray(0, used),
      min: arrays.min.subarray(0, used * width),
      max: arrays.max.subarray(0, used * width),
      mean: arrays.mean.subarray(0, used * width),
      last: arrays.last.subarray(0, used * width),
      flags: flags.subarray(0, used * width),
      totalRows,
      latest,
      seams: window.seams,
    }),
  };
}
