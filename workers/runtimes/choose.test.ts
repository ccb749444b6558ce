/** @file The choice of a runtime: the fastest of those that load, what was named, and reasons where nothing is left. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSpec, type Spec } from '#core/spec.ts';
import type { Probe } from '../probe.ts';
import { prepareRun } from '../session.ts';
import { choose } from './choose.ts';

const data = (n: number) => ({
  inputs: Float32Array.from({ length: 4 * n }, (_, i) => Math.sin(i)),
  labels: Int32Array.from({ length: n }, (_, i) => i % 2),
  n,
  inputSize: 4,
  outputSize: 2,
});
const spec = (runtime: object = {}): Spec =>
  parseSpec({ network: { kind: 'mlpChain', depth: 1, width: 4 }, batchSize: 4, steps: 10, runtime, curvature: { enabled: false } });
const prepared = (of: Spec) => prepareRun(of, { train: data(8), heldOut: data(4) });
const onnx: Probe = { name: 'onnx', version: '1', device: 'cpu', available: true };
const wasm: Probe = { name: 'tensorflow', version: '4', device: 'wasm', available: true };
const cuda: Probe = { name: 'onnx', version: '1', device: 'cuda', available: false, reason: 'no such library' };
const having =
  (...probes: Probe[]) =>
  () =>
    Promise.resolve(probes);

test('auto times every runtime that loads, takes the fastest and keeps the table, with the reasons of the others', async () => {
  const of = spec();
  const { runtime, table } = await choose(of.runtime, prepared(of), having(wasm, cuda, onnx));
  await runtime.close();
  const timed = table.filter(({ stepMs }) => stepMs !== null);
  assert.equal(timed.length, 2);
  assert.ok(timed[0]!.stepMs! <= timed[1]!.stepMs! && timed[0]!.stepMs! > 0);
  assert.equal(runtime.name, timed[0]!.runtime);
  assert.deepEqual(table.at(-1), { runtime: 'onnx', device: 'cuda', version: '1', stepMs: null, reason: 'no such library' });
});

test('a named runtime on the one device it loads on is opened without a trial', async () => {
  const of = spec({ name: 'tensorflow', device: 'wasm' });
  const { runtime, table } = await choose(of.runtime, prepared(of), having(onnx, wasm));
  await runtime.close();
  assert.deepEqual(
    table.map(({ runtime, stepMs, reason }) => [runtime, stepMs, reason]),
    [['tensorflow', null, 'named, not timed']],
  );
  assert.equal(runtime.device, 'wasm');
});

test('float64 leaves TensorFlow.js out, the reference needs no probe', async () => {
  const double = spec({ precision: 'float64' });
  const chosen = await choose(double.runtime, prepared(double), having(wasm, onnx));
  await chosen.runtime.close();
  assert.deepEqual(
    chosen.table.map(({ runtime }) => runtime),
    ['onnx'],
  );
  const slow = spec({ name: 'reference' });
  const never = () => assert.fail('nothing is to be probed');
  assert.equal((await choose(slow.runtime, prepared(slow), never)).runtime.name, 'reference');
});

test('what does not load is refused with the reason and what there is', async () => {
  const of = spec({ name: 'onnx', device: 'cuda' });
  await assert.rejects(
    choose(of.runtime, prepared(of), having(cuda, wasm)),
    /runtime onnx on cuda in float32 is not to be had here \(onnx on cuda: no such library\); available: tensorflow on wasm/,
  );
});

test('a runtime that fails on the program is passed over, and the table says why', async () => {
  const of = spec();
  const broken: Probe = { name: 'tensorflow', version: '4', device: 'cuda', available: true }; // says that it loads, and does not
  const { runtime, table } = await choose(of.runtime, prepared(of), having(broken, wasm));
  await runtime.close();
  assert.equal(runtime.device, 'wasm');
  assert.equal(table.at(-1)!.stepMs, null);
  assert.ok(table.at(-1)!.reason);
});
