/** @file A program: the compiled unit of a runtime. A step function with carried state, iterated as often as a call asks. */
import type { Builder } from './builder.ts';
import type { Node, Values } from './node.ts';

/**
 * `(state, rows[k], held) -> (state', records[k])`, run for k = 0…K-1 in one call.
 *
 * - `state`: carried from step to step and call to call (weights, optimizer slots, statistics). `input` is an `input` node,
 *   `next` has the same shape and dtype.
 * - `held`: inputs that stay the same between calls (data set, curvature batch); given once, replaced when wanted.
 * - `rows`: inputs with one row per step (batch indices, learning rate): fed as [K, ...shape].
 * - `records`: results with one row per step: read back as [K, ...shape]. One with a condition `when` [] is computed in the steps where that is
 *   not 0, and zeros in the others.
 * A plain function has no state and runs with K = 1.
 */
export interface Program {
  readonly title: string;
  /** Runs now and then: to be compiled soon matters more than to run fast. */
  readonly seldom?: boolean;
  readonly g: Builder;
  readonly state: readonly { readonly name: string; readonly input: Node; readonly next: Node }[];
  readonly held: readonly { readonly name: string; readonly input: Node }[];
  readonly rows: readonly { readonly name: string; readonly input: Node }[];
  readonly records: readonly { readonly name: string; readonly value: Node; readonly when?: Node }[];
}

/** All that a step gives, in the order of state, records and conditions. */
export const resultsOf = ({ state, records }: Program): Node[] => [
  ...state.map(({ next }) => next),
  ...records.map(({ value }) => value),
  ...records.flatMap(({ when }) => when ?? []),
];

/** What stands for those results, in the same order, put in their places again. */
export function resultsApart<T>({ state, records }: Program, results: readonly T[]) {
  let condition = state.length + records.length;
  return {
    next: results.slice(0, state.length),
    records: records.map(({ when }, i) => ({ value: results[state.length + i]!, ...(when ? { when: results[condition++]! } : {}) })),
  };
}

/** Row k of a record of so many steps: the value where its condition holds, zeros elsewhere. */
export function writeRow(
  record: Values,
  k: number,
  steps: number,
  { value, when }: { readonly value: Values; readonly when?: Values },
): void {
  const size = record.length / steps;
  if (!when || when[0] !== 0) record.set(value, k * size);
  else record.fill(0, k * size, (k + 1) * size);
}

export type Named = Readonly<Record<string, Values>>;

/** What one tensor of a runtime is outside it: a handle that only that runtime can read. */
export interface Handle {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'float64' | 'int32';
}

export type RuntimeName = 'onnx' | 'tensorflow' | 'reference';

/** A runtime on one device. All methods reject with an Error whose message says what, where and what to do. */
export interface Runtime {
  readonly name: RuntimeName;
  readonly version: string;
  /** `cpu`, `webgpu`, `cuda`, `wasm`, … */
  readonly device: string;
  /**
   * Uploads; the values are copied. Values that are `lent` stay as they are until the handle is released, and may be read where they lie:
   * a Lanczos basis of 20 vectors of 3.4 million is 288 MB, a copy of which costs as much as a product.
   */
  upload(values: Values, shape: readonly number[], options?: { readonly lent?: boolean }): Promise<Handle>;
  /** Reads back a copy: Float32Array for float32, Float64Array for float64, Int32Array for int32. */
  read(handle: Handle): Promise<Values>;
  /** Frees a handle. Safe to call twice. */
  release(handle: Handle): void;
  compile(program: Program): Promise<Executable>;
  /** Frees everything that is left. */
  close(): Promise<void>;
}

export interface Executable {
  readonly program: Program;
  /**
   * Runs K steps. State handles are consumed (released or reused) and replaced by the returned ones; held handles stay the
   * caller's. Two executables of one runtime may share handles (weights of a training program feed a Hessian-vector program).
   */
  run(call: {
    readonly state: Readonly<Record<string, Handle>>;
    readonly held: Readonly<Record<string, Handle>>;
    readonly rows: Named;
    readonly steps: number;
    /**
     * Arrays that records are written to, in place of fresh ones. Memory that is touched for the first time costs more than what is written
     * to it: 13 ms for 13.7 MB, against 0.5.
     */
    readonly into?: Named;
  }): Promise<{ readonly state: Readonly<Record<string, Handle>>; readonly records: Record<string, Values> }>;
  close(): Promise<void>;
}
