/** @file Memory for the vectors of a Lanczos run, and what is done with them there. */
import { counterOf, type Stream } from '#core/rng.ts';
import { kernelsFor, together, type Kernels, type Precision } from './kernels.ts';

export type Span = readonly [from: number, to: number];
type Vector = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Vectors of one length. They are named by number; all is done on spans alone. */
export interface Vectors {
  /** Where they lie. */
  readonly of: readonly Vector[];
  /** into ← numbers evenly spread around 0, two of each random word; `scratch` is another vector, of which more than the spans is overwritten. */
  uniform(spans: readonly Span[], into: number, scratch: number, random: Stream): void;
  /** Σ aᵢ bᵢ in float64. */
  dot(spans: readonly Span[], a: number, b: number): number;
  /** into ← factor · of */
  scale(spans: readonly Span[], into: number, of: number, factor: number): void;
  /** vector ← vector - Σ shareₖ · rowₖ. @returns the length of what is left */
  leave(spans: readonly Span[], vector: number, rows: readonly number[], shares: ArrayLike<number>): number;
  /** Σ vectorᵢ rowᵢ with each of the rows, in one pass. */
  meet(spans: readonly Span[], vector: number, rows: readonly number[]): Float64Array;
}

const page = 64 * 1024;
/** Vectors of a run: their addresses and numbers lie below them. */
export const mostVectors = 1024;
const lists = { rows: 0, shares: 4 * mostVectors };
const vectorsFrom = page;

interface Room {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Partial<Record<Precision, Kernels>>;
}
/** Used again by the next run: memory that is touched for the first time costs more than what is done in it. */
const free: Room[] = [];

/**
 * Memory for so many vectors of `size` values, whatever was there before. They begin at multiples of 16 bytes, and are nobody's once they are
 * released.
 */
export function takeVectors(precision: Precision, count: number, size: number): Vectors & { release(): void } {
  if (count > mostVectors) throw new RangeError(`vectors: at most ${mostVectors} at a time, got ${count}`);
  const Floats = precision === 'float64' ? Float64Array : Float32Array;
  const width = Floats.BYTES_PER_ELEMENT;
  const stride = Math.ceil((size * width) / 16) * 16;
  const room = free.pop() ?? { memory: new WebAssembly.Memory({ initial: 1 }), kernels: {} };
  const { memory } = room;
  const missing = Math.ceil((vectorsFrom + count * stride) / page) - memory.buffer.byteLength / page;
  if (missing > 0) memory.grow(missing);
  const kernels = (room.kernels[precision] ??= kernelsFor(precision, memory));
  const { buffer } = memory;
  const at = (index: number) => vectorsFrom + index * stride;
  const addresses = new Int32Array(buffer, lists.rows, mostVectors);
  const numbers = new Float64Array(buffer, lists.shares, mostVectors);
  /** Lists rows, the last of them again until they are a multiple of four. @returns where the list ends */
  const list = (rows: readonly number[]): number => {
    const length = together * Math.ceil(rows.length / together);
    for (let k = 0; k < length; k++) addresses[k] = at(rows[Math.min(k, rows.length - 1)]!);
    return lists.rows + 4 * length;
  };
  return {
    of: Array.from({ length: count }, (_, index) => new Floats(buffer, at(index), size)),
    uniform(spans, into, scratch, random) {
      const blocks = Math.ceil(spans.reduce((sum, [from, to]) => sum + to - from, 0) / 8);
      let bits = at(scratch);
      kernels.words(bits, bits + 16 * blocks, ...counterOf(random));
      for (const [from, to] of spans) bits = kernels.uniform(at(into), from * width, to * width, bits);
    },
    dot(spans, a, b) {
      let sum = 0;
      for (const [from, to] of spans) sum += kernels.dot(at(a), at(b), from * width, to * width);
      return sum;
    },
    scale(spans, into, of, factor) {
      for (const [from, to] of spans) kernels.scale(at(into), at(of), from * width, to * width, factor);
    },
    leave(spans, vector, rows, shares) {
      const last = list(rows);
      numbers.fill(0).set(shares);
      let square = 0;
      for (const [from, to] of spans) square += kernels.leave(at(vector), from * width, to * width, lists.rows, lists.shares, last);
      return Math.sqrt(square);
    },
    meet(spans, vector, rows) {
      const last = list(rows);
      numbers.fill(0);
      for (const [from, to] of spans) kernels.meet(at(vector), from * width, to * width, lists.rows, lists.shares, last);
      return numbers.slice(0, rows.length);
    },
    release() {
      free.push(room);
    },
  };
}
