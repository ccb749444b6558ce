/** @file For the tests: small specs, and arithmetic that says what differs. Steps are those of the program without a runtime. */
import { entry } from '../catalog.ts';
import type { Data } from '../define.ts';
import { rng } from '../rng.ts';
import { parseSpec, type Spec } from '../spec.ts';
import { openSteps as open, type Steps } from './steps.ts';

export type { Stepped, Steps } from './steps.ts';

/** A float64 network of a few dozen weights; batch 8 of 40 examples. */
export function smallSpec(changes: Record<string, unknown> = {}): Spec {
  return parseSpec({
    network: { kind: 'mlpChain', depth: 3, width: 4 },
    activation: 'tanh',
    dataset: { kind: 'gaussianMixture', classes: 3, inputs: 5, train: 40, heldOut: 20 },
    batchSize: 8,
    runtime: { precision: 'float64' },
    ...changes,
  });
}

/** Drawn anew for every seed of the run. */
export const dataOf = (spec: Spec): { train: Data; heldOut: Data } =>
  entry('dataset', spec.dataset.kind).generate!(rng(spec.seed, 'data'), spec.dataset);
export const openSteps = (spec: Spec, options: Parameters<typeof open>[1] = {}): Steps => open(spec, { data: dataOf(spec), ...options });

export const norm = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));
export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);
/** Column j of a kernel [in, out]. */
export const column = (kernel: Float64Array, out: number, j: number): Float64Array => kernel.filter((_, at) => at % out === j);

/** Every value within `tolerance` of the expected one, relative to the larger of 1 and its size. */
export function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what = 'values'): void {
  if (actual.length !== expected.length) throw new Error(`${what}: ${actual.length} values, expected ${expected.length}`);
  for (let i = 0; i < actual.length; i++) {
    const error = actual[i] === expected[i] ? 0 : Math.abs(actual[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!));
    if (!(error <= tolerance))
      throw new Error(`${what}[${i}]: got ${actual[i]}, expected ${expected[i]} (error ${error}, allowed ${tolerance})`);
  }
}
