/**
 * @file Counter-based random numbers: a stream per (seed, purpose, indices), the same on every runtime and machine.
 *
 * Philox4x32-10: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
 */

/** What the numbers are for; each purpose is a stream of its own, so that adding a probe never changes a batch. */
export const purposes = ['init', 'order', 'data', 'probe', 'dropout', 'langevin', 'batch', 'test'] as const;
export type Purpose = (typeof purposes)[number];

export interface Rng {
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
export function philox(counter: readonly number[], key: readonly number[]): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter as [number, number, number, number];
  let [k0, k1] = key as [number, number];
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = multiply(0xd2511f53, c0);
    const [high1, low1] = multiply(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** The 64-bit product of two 32-bit words as [high, low]; 16-bit halves keep every partial product exact. */
function multiply(a: number, b: number): [high: number, low: number] {
  const [a1, a0, b1, b0] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const low = a0 * b0;
  const middle = a1 * b0 + (low >>> 16);
  const other = a0 * b1 + (middle & 0xffff);
  return [(a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(other / 0x10000)) >>> 0, Math.imul(a, b) >>> 0];
}

/**
 * @param seed integer 0…2³²-1
 * @param indices up to two integers (layer, epoch, step, …) 0…2³²-1 that name the stream
 */
export function rng(seed: number, purpose: Purpose, ...indices: number[]): Rng {
  for (const value of [seed, ...indices])
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
      throw new RangeError(`rng: seed and indices must be integers from 0 to 2^32-1, got ${value}`);
  if (indices.length > 2) throw new RangeError(`rng: at most two indices, got ${indices.length}`);
  const key = [seed, purposes.indexOf(purpose)];
  const [first = 0, second = 0] = indices;
  let block = 0;
  let words: number[] = [];
  const word = (): number => {
    if (words.length === 0) words = philox([block >>> 0, Math.floor(block++ / 0x100000000), first, second], key);
    return words.pop()!;
  };
  let spare: number | null = null;
  const stream: Rng = {
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
