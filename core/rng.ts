/**
 * @file Counter-based random numbers: a stream per (seed, purpose, indices), the same on every runtime and machine.
 *
 * Philox4x32-10: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
 */

/** What the numbers are for; each purpose is a stream of its own, so that adding a probe never changes a batch. Its place here is part of the stream. */
export const purposes = ['init', 'order', 'data', 'probe', 'dropout', 'langevin', 'batch', 'test', 'survival'] as const;
export type Purpose = (typeof purposes)[number];

/** The name of a stream of random numbers. */
export interface Stream {
  readonly seed: number;
  readonly purpose: Purpose;
  /** Up to two: layer, epoch, step, …. */
  readonly indices: readonly number[];
}

export interface Rng {
  /** 32 random bits, as an unsigned integer. */
  word(): number;
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal (Box and Muller 1958). */
  normal(): number;
  /** Uniform integer in 0…n-1, unbiased. */
  integer(n: number): number;
  /** -1 or 1. */
  rademacher(): number;
  /** 0…n-1 in random order (Fisher and Yates). */
  permutation(n: number): Int32Array;
}

/** Ten rounds of Philox4x32. `counter` is four, `key` two unsigned 32-bit words. */
export function philox(counter: readonly number[], key: readonly number[]): Uint32Array {
  const [c0, c1, c2, c3] = counter as [number, number, number, number];
  const out = new Uint32Array(4);
  rounds(out, 0, c0, c1, c2, c3, key[0]!, key[1]!);
  return out;
}

// the multiplications are written out in 16-bit halves of 32-bit integers, which keeps every partial product exact: 60 ns a block against 700
function rounds(out: Uint32Array, at: number, c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): void {
  for (let round = 0; round < 10; round++) {
    const high0 = high(0xd251, 0x1f53, c0);
    const high1 = high(0xcd9e, 0x8d57, c2);
    const low0 = Math.imul(0xd2511f53, c0);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  out[at] = c0;
  out[at + 1] = c1;
  out[at + 2] = c2;
  out[at + 3] = c3;
}

/** The upper 32 bits of the product of a1·2¹⁶ + a0 and b. */
function high(a1: number, a0: number, b: number): number {
  const [b1, b0] = [b >>> 16, b & 0xffff];
  const middle = (Math.imul(a1, b0) + (Math.imul(a0, b0) >>> 16)) | 0;
  const other = (Math.imul(a0, b1) + (middle & 0xffff)) | 0;
  return (Math.imul(a1, b1) + (middle >>> 16) + (other >>> 16)) | 0;
}

/** The words that `rng` of the same name makes its numbers of, in blocks of four; for whoever wants many at once. */
export function randomWords(count: number, seed: number, purpose: Purpose, ...indices: number[]): Uint32Array {
  const [third, fourth, key, secondKey] = counterOf({ seed, purpose, indices });
  const words = new Uint32Array(4 * Math.ceil(count / 4));
  for (let block = 0; 4 * block < count; block++) rounds(words, 4 * block, block, 0, third, fourth, key, secondKey);
  return words.subarray(0, count);
}

/** Philox of a stream, for whoever computes the words elsewhere: the counter after the number of the block and a zero, and the key. */
export function counterOf({ seed, purpose, indices }: Stream): [third: number, fourth: number, key: number, secondKey: number] {
  for (const value of [seed, ...indices])
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
      throw new RangeError(`rng: seed and indices must be integers from 0 to 2^32-1, got ${value}`);
  if (indices.length > 2) throw new RangeError(`rng: at most two indices, got ${indices.length}`);
  return [indices[0] ?? 0, indices[1] ?? 0, seed, purposes.indexOf(purpose)];
}

/**
 * @param seed integer 0…2³²-1
 * @param indices up to two integers (layer, epoch, step, …) 0…2³²-1 that name the stream
 */
export function rng(seed: number, purpose: Purpose, ...indices: number[]): Rng {
  const [third, fourth, key, secondKey] = counterOf({ seed, purpose, indices });
  const words = new Uint32Array(4);
  let block = 0;
  let left = 0;
  const word = (): number => {
    if (left === 0) {
      rounds(words, 0, block >>> 0, Math.floor(block++ / 0x100000000), third, fourth, key, secondKey);
      left = 4;
    }
    return words[--left]!;
  };
  let spare: number | null = null;
  const stream: Rng = {
    word,
    uniform: () => ((word() >>> 5) * 0x4000000 + (word() >>> 6)) / 0x20000000000000,
    normal() {
      if (spare !== null) {
        const value = spare;
        spare = null;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - stream.uniform()));
      const angle = 2 * Math.PI * stream.uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    integer(n) {
      if (!Number.isInteger(n) || n < 1 || n > 0x100000000) throw new RangeError(`rng: integer(n) takes n from 1 to 2^32, got ${n}`);
      const limit = 0x100000000 - (0x100000000 % n);
      for (;;) {
        const value = word();
        if (value < limit) return value % n;
      }
    },
    rademacher: () => (word() & 1 ? 1 : -1),
    permutation(n) {
      const order = Int32Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = stream.integer(i + 1);
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      return order;
    },
  };
  return stream;
}
