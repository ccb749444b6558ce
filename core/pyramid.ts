/**
 * @file The pyramid: rows of a metric gathered in buckets of 2^k steps at fixed boundaries, so that any zoom costs about the same.
 *
 * Bucket i of level k holds the steps [i 2^k, (i+1) 2^k). Per value it keeps min, max, sum and count of the finite values, the last
 * value, and which non-finite ones came by. Two neighbours merge into one of the next level; merging is associative (sums up to
 * rounding in float64). Buckets that got no row do not exist. A tile is `tileBuckets` buckets side by side: the unit that is stored.
 */

/** Flags of the non-finite values in a bucket. */
export const nonFinite = { nan: 1, positive: 2, negative: 4 } as const;

/** Below this level rows are read and gathered on the fly; from here up tiles are kept (25 bytes a value against 128 of raw rows). */
export const baseLevel = 5;
export const tileBuckets = 128;
const maxLevel = 46;
export const bucketSteps = (level: number): number => 2 ** level;
export const tileSteps = (level: number): number => tileBuckets * 2 ** level;

export interface Buckets {
  readonly level: number;
  readonly width: number;
  /** Bucket numbers, ascending. [B] */
  readonly index: Float64Array;
  /** Rows in each bucket. [B] */
  readonly rows: Uint32Array;
  readonly min: Float32Array; // [B, W], NaN where no value was finite
  readonly max: Float32Array; // [B, W]
  readonly sum: Float64Array; // [B, W]
  readonly count: Uint32Array; // [B, W] of finite values
  readonly last: Float32Array; // [B, W]
  readonly flags: Uint8Array; // [B, W]
}

function allocate(level: number, width: number, size: number): Buckets {
  return {
    level,
    width,
    index: new Float64Array(size),
    rows: new Uint32Array(size),
    min: new Float32Array(size * width),
    max: new Float32Array(size * width),
    sum: new Float64Array(size * width),
    count: new Uint32Array(size * width),
    last: new Float32Array(size * width),
    flags: new Uint8Array(size * width),
  };
}

/** Buckets [from, to) of `buckets`, sharing memory. */
export function sliceBuckets({ level, width, ...arrays }: Buckets, from: number, to: number): Buckets {
  const cut = <T extends { subarray(from: number, to: number): T }>(array: T, each: number) => array.subarray(from * each, to * each);
  return {
    level,
    width,
    index: cut(arrays.index, 1),
    rows: cut(arrays.rows, 1),
    min: cut(arrays.min, width),
    max: cut(arrays.max, width),
    sum: cut(arrays.sum, width),
    count: cut(arrays.count, width),
    last: cut(arrays.last, width),
    flags: cut(arrays.flags, width),
  };
}

/** Buckets whose number is in [first, end). */
export function rangeOf(buckets: Buckets, first: number, end: number): Buckets {
  const below = (limit: number) => {
    const at = buckets.index.findIndex((index) => index >= limit);
    return at < 0 ? buckets.index.length : at;
  };
  return sliceBuckets(buckets, below(first), below(end));
}

export function joinBuckets(level: number, width: number, parts: readonly Buckets[]): Buckets {
  const joined = allocate(
    level,
    width,
    parts.reduce((sum, { index }) => sum + index.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    joined.index.set(part.index, at);
    joined.rows.set(part.rows, at);
    for (const key of ['min', 'max', 'sum', 'count', 'last', 'flags'] as const) joined[key].set(part[key], at * width);
    at += part.index.length;
  }
  return joined;
}

/** Gathers rows as they come, in order of their steps. */
export function createGatherer(level: number, width: number) {
  const size = bucketSteps(level);
  let buckets = allocate(level, width, 64);
  let used = 0;

  function open(index: number): void {
    if (used === buckets.index.length) {
      const grown = allocate(level, width, used * 2);
      for (const key of ['index', 'rows', 'min', 'max', 'sum', 'count', 'last', 'flags'] as const) grown[key].set(buckets[key]);
      buckets = grown;
    }
    buckets.index[used] = index;
    buckets.min.fill(NaN, used * width, (used + 1) * width);
    buckets.max.fill(NaN, used * width, (used + 1) * width);
    used++;
  }

  return {
    /** Rows [from, to) of a chunk. */
    add(steps: Float64Array, values: Float32Array, from: number, to: number): void {
      for (let row = from; row < to; row++) {
        const index = Math.floor(steps[row]! / size);
        if (used === 0 || buckets.index[used - 1]! < index) open(index);
        else if (buckets.index[used - 1]! > index) throw new RangeError(`pyramid: steps must not go back, got ${steps[row]}`);
        const { min, max, sum, count, last, flags } = buckets;
        buckets.rows[used - 1]!++;
        for (let column = 0, at = (used - 1) * width, from = row * width; column < width; column++, at++, from++) {
          const value = values[from]!;
          last[at] = value;
          // NaN fails both comparisons of a finite value.
          if (value - value === 0) {
            if (!(min[at]! <= value)) min[at] = value;
            if (!(max[at]! >= value)) max[at] = value;
            sum[at]! += value;
            count[at]!++;
          } else flags[at]! |= Number.isNaN(value) ? nonFinite.nan : value > 0 ? nonFinite.positive : nonFinite.negative;
        }
      }
    },
    take: (): Buckets => sliceBuckets(buckets, 0, used),
  };
}

/** The same rows one level up. */
export function coarsen(fine: Buckets): Buckets {
  const { width } = fine;
  const coarse = allocate(fine.level + 1, width, fine.index.length);
  let used = 0;
  for (let b = 0; b < fine.index.length; b++) {
    const index = Math.floor(fine.index[b]! / 2);
    const merge = used > 0 && coarse.index[used - 1] === index;
    if (!merge) {
      coarse.index[used] = index;
      used++;
    }
    coarse.rows[used - 1]! += fine.rows[b]!;
    for (let column = 0, from = b * width, at = (used - 1) * width; column < width; column++, from++, at++) {
      if (!merge || !(coarse.min[at]! <= fine.min[from]!)) if (!merge || !Number.isNaN(fine.min[from]!)) coarse.min[at] = fine.min[from]!;
      if (!merge || !(coarse.max[at]! >= fine.max[from]!)) if (!merge || !Number.isNaN(fine.max[from]!)) coarse.max[at] = fine.max[from]!;
      coarse.sum[at]! += fine.sum[from]!;
      coarse.count[at]! += fine.count[from]!;
      coarse.flags[at]! |= fine.flags[from]!;
      coarse.last[at] = fine.last[from]!;
    }
  }
  return sliceBuckets(coarse, 0, used);
}

/** Means of the finite values, NaN where there was none. [B, W] */
export const means = ({ sum, count }: Buckets): Float32Array => Float32Array.from(sum, (total, at) => total / count[at]!);

/** The finest level at which the steps [from, to] fall into at most `pixels` buckets; 0 where each step has its own. */
export function levelFor(from: number, to: number, pixels: number): number {
  let level = 0;
  while (level < maxLevel && Math.floor(to / 2 ** level) - Math.floor(from / 2 ** level) + 1 > pixels) level++;
  return level;
}

const magic = 0x31544c50; // "PLT1"
const headerBytes = 16;

/** Little-endian: magic, level, width, buckets (uint32 each); index, sum (float64); rows, min, max, count, last (4 bytes); flags. */
export function encodeTile(buckets: Buckets): Uint8Array<ArrayBuffer> {
  const { level, width, index } = buckets;
  const size = index.length;
  const bytes = new Uint8Array(headerBytes + size * 12 + size * width * 25);
  new Uint32Array(bytes.buffer, 0, 4).set([magic, level, width, size]);
  let at = headerBytes;
  for (const key of ['index', 'sum', 'rows', 'min', 'max', 'count', 'last', 'flags'] as const) {
    const array = buckets[key];
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += array.byteLength;
  }
  return bytes;
}

export function decodeTile(bytes: Uint8Array): Buckets {
  const { buffer } = new Uint8Array(bytes); // aligned; a Buffer’s own slice would be a view
  const [mark, level, width, size] = new Uint32Array(buffer, 0, 4) as unknown as [number, number, number, number];
  if (mark !== magic || bytes.length !== headerBytes + size * 12 + size * width * 25)
    throw new RangeError('pyramid: these bytes are not a tile');
  let at = headerBytes;
  const next = <T extends { byteLength: number }>(make: (offset: number) => T): T => {
    const array = make(at);
    at += array.byteLength;
    return array;
  };
  const values = size * width;
  const index = next((offset) => new Float64Array(buffer, offset, size));
  const sum = next((offset) => new Float64Array(buffer, offset, values));
  const rows = next((offset) => new Uint32Array(buffer, offset, size));
  const min = next((offset) => new Float32Array(buffer, offset, values));
  const max = next((offset) => new Float32Array(buffer, offset, values));
  const count = next((offset) => new Uint32Array(buffer, offset, values));
  const last = next((offset) => new Float32Array(buffer, offset, values));
  const flags = next((offset) => new Uint8Array(buffer, offset, values));
  return { level, width, index, rows, min, max, sum, count, last, flags };
}
