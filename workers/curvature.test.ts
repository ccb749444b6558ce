/** @file The curvature instrument on a small network against its dense Hessian: ends, residuals, blocks, trace, and repeated bytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBuilder } from '#core/graph/builder.ts';
import { hessianVector } from '#core/graph/differentiate.ts';
import { evaluate } from '#core/graph/evaluate.ts';
import type { Values } from '#core/graph/node.ts';
import type { Handle, Runtime } from '#core/graph/program.ts';
import { dimension, type LayeredObjective } from '#core/programs/lanczos.ts';
import { rng } from '#core/rng.ts';
import { openCurvature } from './curvature.ts';
import { openOnnx } from './runtimes/onnx.ts';
import { openReference } from './runtimes/reference.ts';

/** Two stacked 4x4 tanh layers and a 4x3 readout under softmax cross-entropy: 44 parameters in three layers. */
function objective(precision: 'float32' | 'float64'): LayeredObjective {
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
const values = { stack: draw(32), readout: draw(12), x: draw(36), y: Int32Array.from({ length: 9 }, () => random.integer(3)) };

/** The Hessian by columns, from the float64 evaluation. */
const size = 44;
const dense = ((): Float64Array[] => {
  const { g, loss, parameters } = objective('float64');
  const inputs = parameters.map(({ input }) => input);
  return Array.from({ length: size }, (_, column) => {
    const unit = Float64Array.from({ length: size }, (_, i) => (i === column ? 1 : 0));
    const vectors = [g.constant(unit.slice(0, 32), [2, 4, 4]), g.constant(unit.slice(32), [1, 4, 3])];
    return Float64Array.from(evaluate(hessianVector(g, loss, inputs, vectors), values).flatMap((part) => Array.from(part)));
  });
})();

/** Eigenvalues of a symmetric matrix, descending, by cyclic Jacobi rotations. */
function eigenvalues(matrix: Float64Array[]): number[] {
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
const block = (from: number, to: number) => dense.slice(from, to).map((row) => row.slice(from, to));
const spectrum = eigenvalues(dense);

async function open(runtime: Runtime, precision: 'float32' | 'float64', options: { topK?: number; balanced?: boolean } = {}) {
  const of = objective(precision);
  assert.equal(dimension(of), size);
  const typed = (array: Values): Values => (array instanceof Int32Array || precision === 'float64' ? array : Float32Array.from(array));
  const upload = async (names: readonly ('stack' | 'readout' | 'x' | 'y')[], shapes: readonly (readonly number[])[]) => {
    const handles: Record<string, Handle> = {};
    for (const [i, name] of names.entries()) handles[name] = await runtime.upload(typed(values[name]), shapes[i]!);
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
    instruments: { blocks: true, trace: true, gaussNewton: true, fisher: true },
    balanced: options.balanced ?? false,
  });
  return { instrument, parameters };
}
const row = (rows: readonly { metric: string; values: Float64Array }[], metric: string) =>
  rows.find((each) => each.metric === metric)!.values;

for (const [name, openRuntime, precision, tolerance] of [
  ['reference', async () => openReference(), 'float64', 1e-9],
  ['onnx float64', () => openOnnx(), 'float64', 1e-9],
  ['onnx float32', () => openOnnx(), 'float32', 2e-5],
] as const)
  test(`${name}: both signed ends and every block's top lie within their residuals of the dense Hessian's`, async () => {
    const runtime = await openRuntime();
    const { instrument, parameters } = await open(runtime, precision);
    assert.ok(spectrum.at(-1)! < 0, 'this Hessian has both signs');
    const rows = await instrument.measure(0, parameters);
    const near = (value: number, residual: number, candidates: number[]) =>
      Math.min(...candidates.map((x) => Math.abs(x - value))) <= residual + tolerance;
    const [top, residual] = [row(rows, 'hessianTop'), row(rows, 'hessianTopResidual')];
    top.forEach((value, i) => assert.ok(near(value, residual[i]!, spectrum), `λ${i + 1} = ${value} ± ${residual[i]}`));
    assert.ok(Math.abs(top[0]! - spectrum[0]!) < 0.01 * spectrum[0]!, `${top[0]} against ${spectrum[0]}`);
    assert.ok(near(row(rows, 'hessianBottom')[0]!, row(rows, 'hessianBottomResidual')[0]!, spectrum));
    [block(0, 16), block(16, 32), block(32, 44)].map(eigenvalues).forEach((of, layer) => {
      const [value, error] = [row(rows, 'blockTop')[layer]!, row(rows, 'blockTopResidual')[layer]!];
      assert.ok(near(row(rows, 'blockBottom')[layer]!, row(rows, 'blockBottomResidual')[layer]!, of), `bottom of layer ${layer}`);
      assert.ok(near(value, error, of) && Math.abs(value - of[0]!) < 0.1 * of[0]!, `layer ${layer}: ${value} ± ${error} against ${of[0]}`);
    });
    await runtime.close();
  });

test('warm starts sharpen the blocks: after three measurements each top is right to 1%', async () => {
  const { instrument, parameters } = await open(openReference(), 'float64');
  for (let step = 0; step < 3; step++) await instrument.measure(step, parameters);
  const tops = row(await instrument.measure(3, parameters), 'blockTop');
  [block(0, 16), block(16, 32), block(32, 44)].forEach((of, layer) =>
    assert.ok(Math.abs(tops[layer]! / eigenvalues(of)[0]! - 1) < 0.01, `layer ${layer}`),
  );
});

test('the trace is unbiased: over many probes its mean is within four of its own standard errors, layers add up to the whole', async () => {
  const { instrument, parameters } = await open(openReference(), 'float64');
  const exact = dense.reduce((sum, column, i) => sum + column[i]!, 0);
  const means: number[] = [];
  for (let step = 0; step < 40; step++) {
    const rows = await instrument.measure(step, parameters);
    means.push(row(rows, 'hessianTrace')[0]!);
    const layers = row(rows, 'blockTrace').reduce((sum, value) => sum + value, 0);
    assert.ok(Math.abs(layers - means.at(-1)!) < 1e-9 * Math.max(1, Math.abs(layers)));
  }
  const center = means.reduce((sum, value) => sum + value, 0) / means.length;
  const error = Math.sqrt(means.reduce((sum, value) => sum + (value - center) ** 2, 0) / (means.length - 1) / means.length);
  assert.ok(Math.abs(center - exact) < 4 * error, `${center} ± ${error} against ${exact}`);
});

test('a restored instrument repeats the bytes of one that went on', async () => {
  const [first, second] = [await open(openReference(), 'float64'), await open(openReference(), 'float64')];
  await first.instrument.measure(0, first.parameters);
  second.instrument.restore(first.instrument.state());
  assert.deepEqual(await second.instrument.measure(7, second.parameters), await first.instrument.measure(7, first.parameters));
});

test('weights that ran away give NaN instead of an error', async () => {
  const runtime = openReference();
  const { instrument } = await open(runtime, 'float64');
  const away = {
    stack: await runtime.upload(new Float64Array(32).fill(NaN), [2, 4, 4]),
    readout: await runtime.upload(values.readout, [1, 4, 3]),
  };
  const rows = await instrument.measure(0, away);
  assert.ok(Number.isNaN(row(rows, 'hessianTop')[0]) && Number.isNaN(row(rows, 'blockTop')[1]));
});
