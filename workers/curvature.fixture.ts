/** @file For the tests: a small network, its dense Hessian, and the instrument opened on it. */
import { createBuilder } from '#core/graph/builder.ts';
import { hessianVector } from '#core/graph/differentiate.ts';
import { evaluate } from '#core/graph/evaluate.ts';
import type { Node, Values } from '#core/graph/node.ts';
import type { Handle, Runtime } from '#core/graph/program.ts';
import { softmaxCrossEntropy } from '#core/losses/softmaxCrossEntropy.ts';
import { dimension, type LayeredObjective } from '#core/programs/lanczos.ts';
import { rng } from '#core/rng.ts';
import assert from 'node:assert/strict';
import { openCurvature, type Instruments } from './curvature.ts';

/** Two stacked 4x4 tanh layers and a 4x3 readout under softmax cross-entropy: 44 parameters in three layers. */
export function objective(precision: 'float32' | 'float64'): LayeredObjective {
  const g = createBuilder(precision);
  const stack = g.input('stack', [2, 4, 4]);
  const readout = g.input('readout', [1, 4, 3]);
  const x = g.input('x', [9, 4]);
  const labels = g.input('y', [9], 'int32');
  const member = (i: number) => g.slice(stack, 0, i, i + 1);
  const first = g.matMul(x, g.reshape(member(0), [4, 4]));
  const second = g.matMul(g.tanh(first), g.reshape(member(1), [4, 4]));
  const outputs = g.matMul(g.tanh(second), g.reshape(readout, [4, 3]));
  const each = g.neg(g.sum(g.mul(g.logSoftmax(outputs), g.oneHot(labels, 3)), [1]));
  return {
    g,
    loss: g.mul(g.sum(each), 1 / 9),
    each,
    outputs,
    information: (moved) => softmaxCrossEntropy.information!(g, outputs, moved),
    members: [[0, 1].map((layer) => ({ node: member(layer), layer })), [{ node: readout, layer: 2 }]],
    taps: [first, second, outputs],
    parameters: [
      { name: 'stack', input: stack },
      { name: 'readout', input: readout },
    ],
    held: [
      { name: 'x', input: x },
      { name: 'y', input: labels },
    ],
  };
}
const random = rng(21, 'test');
const draw = (n: number) => Float64Array.from({ length: n }, () => random.normal());
export const values = { stack: draw(32), readout: draw(12), x: draw(36), y: Int32Array.from({ length: 9 }, () => random.integer(3)) };

/** A symmetric matrix by columns, from the float64 evaluation at `at`. */
export const size = 44;
export function columnsOf(
  product: (of: LayeredObjective, vectors: readonly Node[]) => readonly Node[],
  at: Record<string, Values> = values,
): Float64Array[] {
  const of = objective('float64');
  const { g } = of;
  return Array.from({ length: size }, (_, column) => {
    const unit = Float64Array.from({ length: size }, (_, i) => (i === column ? 1 : 0));
    const vectors = [g.constant(unit.slice(0, 32), [2, 4, 4]), g.constant(unit.slice(32), [1, 4, 3])];
    return Float64Array.from(evaluate(product(of, vectors), at).flatMap((part) => Array.from(part)));
  });
}
/** The Hessian. */
export const dense = columnsOf(({ g, loss, parameters }, vectors) =>
  hessianVector(
    g,
    loss,
    parameters.map(({ input }) => input),
    vectors,
  ),
);

/** Eigenvalues of a symmetric matrix, descending, by cyclic Jacobi rotations. */
export function eigenvalues(matrix: Float64Array[]): number[] {
  const a = matrix.map((row) => row.slice());
  const n = a.length;
  for (let sweep = 0; sweep < 30; sweep++)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p]![q]!) < 1e-300) continue;
        const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const [kp, kq] = [a[k]![p]!, a[k]![q]!];
          a[k]![p] = c * kp - s * kq;
          a[k]![q] = s * kp + c * kq;
        }
        for (let k = 0; k < n; k++) {
          const [pk, qk] = [a[p]![k]!, a[q]![k]!];
          a[p]![k] = c * pk - s * qk;
          a[q]![k] = s * pk + c * qk;
        }
      }
  return a.map((row, i) => row[i]!).sort((x, y) => y - x);
}
export const block = (from: number, to: number) => dense.slice(from, to).map((row) => row.slice(from, to));
export const spectrum = eigenvalues(dense);

const none: Instruments = {
  blocks: false,
  trace: false,
  gaussNewton: false,
  fisher: false,
  density: false,
  offDiagonal: false,
  directions: false,
  scaleFree: false,
  exact: false,
};

export async function open(
  runtime: Runtime,
  precision: 'float32' | 'float64',
  options: { topK?: number; balanced?: boolean; instruments?: Partial<Instruments>; scaleInvariant?: readonly boolean[] } = {},
) {
  const of = objective(precision);
  assert.equal(dimension(of), size);
  const typed = (array: Values): Values => (array instanceof Int32Array || precision === 'float64' ? array : Float32Array.from(array));
  const upload = async (
    names: readonly ('stack' | 'readout' | 'x' | 'y')[],
    shapes: readonly (readonly number[])[],
    of: Record<string, Values> = values,
  ) => {
    const handles: Record<string, Handle> = {};
    for (const [i, name] of names.entries()) handles[name] = await runtime.upload(typed(of[name]!), shapes[i]!);
    return handles;
  };
  const parameters = await upload(
    ['stack', 'readout'],
    [
      [2, 4, 4],
      [1, 4, 3],
    ],
  );
  const held = await upload(['x', 'y'], [[9, 4], [9]]);
  const instrument = await openCurvature(runtime, {
    objective: of,
    held,
    seed: 3,
    topK: options.topK ?? 3,
    instruments: { ...none, ...options.instruments },
    kernels: { inputs: ['stack', 'readout'], scaleInvariant: options.scaleInvariant ?? [false, false, false] },
    balanced: options.balanced ?? false,
  });
  return { instrument, parameters, upload };
}
export const row = (rows: readonly { metric: string; values: Float64Array }[], metric: string) =>
  rows.find((each) => each.metric === metric)!.values;

/** Where the layers' parameters lie. */
export const spans = [
  [0, 16],
  [16, 32],
  [32, 44],
] as const;
export const inner = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
/** Mean of a metric's rows over steps with the standard error of that mean. */
export function meanOf(rows: readonly number[]): { mean: number; error: number } {
  const mean = rows.reduce((sum, x) => sum + x, 0) / rows.length;
  return { mean, error: Math.sqrt(rows.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (rows.length - 1) / rows.length) };
}
