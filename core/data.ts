/** @file A data set in memory, and what of it is known before it is there. */

/** What of the data a network's shape depends on. */
export interface DataSize {
  readonly inputs: number;
  readonly outputs: number;
  /** Shape of one input where it is an image: [height, width, channels]. */
  readonly imageShape?: ImageShape;
}
export type ImageShape = readonly [height: number, width: number, channels: number];

/** Σ a_k φ(w_k·x), the function behind values on inputs N(0, I). */
export interface Teacher {
  /** Name of φ. */
  readonly activation: string;
  readonly weights: readonly Float64Array[];
  readonly readout: Float64Array;
}

/** A data set in memory. `inputs` [n, D] row-major float; `labels` [n] or `values` [n, K]. */
export interface Data {
  readonly inputs: Float32Array | Float64Array;
  readonly labels?: Int32Array;
  readonly values?: Float32Array | Float64Array;
  readonly n: number;
  readonly inputSize: number;
  readonly outputSize: number;
  /** Where it is known. */
  readonly teacher?: Teacher;
  /** Shape of one input where it is an image: [height, width, channels]. */
  readonly imageShape?: ImageShape;
}
