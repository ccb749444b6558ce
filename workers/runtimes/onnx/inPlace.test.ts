/** @file Large results are written to the memory given for them, and to no other. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBuilder } from '#core/graph/builder.ts';
import type { Program } from '#core/graph/program.ts';
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
