/** @file Large results are written to the memory given for them, large states to and fro, and neither to any other. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBuilder } from '#core/graph/builder.ts';
import type { Handle, Program } from '#core/graph/program.ts';
import { openOnnx } from '../onnx.ts';

const onnx = await openOnnx();
after(() => onnx.close());
const size = 1 << 20;

/** -x and x + 1, as large as x, in the program's order. */
function signs(): Program {
  const g = createBuilder('float32');
  const x = g.input('x', [size]);
  const records = [
    { name: 'negative', value: g.neg(x) },
    { name: 'next', value: g.add(x, 1) },
  ];
  return { title: 'signs', g, state: [], held: [{ name: 'x', input: x }], rows: [], records };
}
const call = { state: {}, rows: {}, steps: 1 };

test('results of 4 MiB are in the given arrays after each call, the rest of their memory stays, and nothing else is allocated', async () => {
  const compiled = await onnx.compile(signs());
  const x = Float32Array.from({ length: size }, (_, i) => (i === 7 ? NaN : i));
  const room = new Float32Array(2 * size + 3).fill(0.5);
  const into = { negative: room.subarray(1, size + 1), next: room.subarray(size + 2, -1) };
  const held = { x: await onnx.upload(x, [size], { lent: true }) };
  await compiled.run({ ...call, held, into });
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 3; i++) {
    x.forEach((value, k) => (x[k] = 2 * value));
    room[size + 1] = i;
    const { records } = await compiled.run({ ...call, held, into });
    assert.ok(records.negative === into.negative && records.next === into.next);
    for (let k = 0; k < size; k += 1001) assert.deepEqual([into.negative[k], into.next[k]], [-x[k]!, Math.fround(x[k]! + 1)]);
    assert.ok(Number.isNaN(into.negative[7]) && Number.isNaN(into.next[7]));
    assert.deepEqual([room[0], room[size + 1], room.at(-1)], [0.5, i, 0.5]);
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < size, 'a copy of one result takes 4 MiB');
  await compiled.close();
});

test('with an array for one result alone, the other is handed over', async () => {
  const compiled = await onnx.compile(signs());
  const held = { x: await onnx.upload(new Float32Array(size).fill(2), [size]) };
  const next = new Float32Array(size);
  const { records } = await compiled.run({ ...call, held, into: { next } });
  assert.deepEqual([records.negative![9], records.next![9]], [-2, 3]);
  await compiled.close();
});

test('a call that fails says why, and leaves the given arrays as they were', async () => {
  const compiled = await onnx.compile(signs());
  const held = { x: await onnx.upload(new Float32Array(size - 1), [size - 1]) };
  const into = { negative: new Float32Array(size).fill(0.5), next: new Float32Array(size).fill(0.5) };
  await assert.rejects(compiled.run({ ...call, held, into }), /invalid dimensions/);
  assert.ok([...into.negative, ...into.next].every((value) => value === 0.5));
  await compiled.close();
});

/** x ← x / 2 + r, with x and its largest value recorded. */
function decay(): Program {
  const g = createBuilder('float32');
  const [x, r] = [g.input('x', [size]), g.input('r', [1])];
  const next = g.add(g.mul(x, 0.5), r);
  const records = [{ name: 'largest', value: g.reduceMax(next, [0]) }];
  return { title: 'decay', g, state: [{ name: 'x', input: x, next }], held: [], rows: [{ name: 'r', input: r }], records };
}

test('a state of 4 MiB goes to and fro between two arrays; what was lent or read stays as it is', async () => {
  const compiled = await onnx.compile(decay());
  const start = Float32Array.from({ length: size }, (_, i) => i % 64);
  const expected = start.slice();
  let state: Record<string, Handle> = { x: await onnx.upload(start, [size], { lent: true }) };
  const read: Float32Array[] = [];
  const largest: number[] = [];
  let before = 0;
  for (const [call, steps] of [1, 3, 1, 2, 1, 1, 1].entries()) {
    if (call === 3) before = process.memoryUsage().arrayBuffers;
    const r = Float32Array.from({ length: steps }, (_, k) => call + k);
    const old = state.x!;
    const result = await compiled.run({ state, held: {}, rows: { r }, steps });
    state = { ...result.state };
    for (const rate of r) {
      expected.forEach((value, i) => (expected[i] = value * 0.5 + rate));
      largest.push(expected.reduce((a, b) => Math.max(a, b)));
    }
    assert.deepEqual(Array.from(result.records.largest!), largest.slice(-steps));
    await assert.rejects(onnx.read(old), /released/);
    if (call < 3) read.push((await onnx.read(state.x!)) as Float32Array);
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < size, 'a copy of the state takes 4 MiB');
  assert.deepEqual(await onnx.read(state.x!), expected);
  assert.deepEqual(
    start,
    Float32Array.from({ length: size }, (_, i) => i % 64),
  );
  assert.deepEqual(
    read.map((values) => values[63]),
    [31.5, 31.5 / 8 + 1 / 4 + 2 / 2 + 3, (31.5 / 8 + 4.25) / 2 + 2],
  );
  await compiled.close();
});

test('a call that fails leaves its state to the caller', async () => {
  const compiled = await onnx.compile(decay());
  const x = await onnx.upload(new Float32Array(size).fill(2), [size]);
  const wrong = await onnx.upload(new Float32Array(size - 1), [size - 1]);
  await assert.rejects(compiled.run({ state: { x: wrong }, held: {}, rows: { r: Float32Array.of(1) }, steps: 1 }), /invalid dimensions/);
  const { state } = await compiled.run({ state: { x }, held: {}, rows: { r: Float32Array.of(1) }, steps: 1 });
  assert.equal((await onnx.read(wrong)).length, size - 1);
  assert.equal((await onnx.read(state.x!))[5], 2);
  await compiled.close();
});
