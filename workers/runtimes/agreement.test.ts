/** @file The runtimes agree: every op on every one of its cases with first and second derivatives, whole training programs, and the edges of the numbers. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBuilder, type FloatType } from '#core/graph/builder.ts';
import type { Values } from '#core/graph/node.ts';
import type { Handle, Program, Runtime } from '#core/graph/program.ts';
import { difference } from '#core/graph/testing.ts';
import { rng } from '#core/rng.ts';
import { disagreements, run, type Trial } from './agreement.fixture.ts';
import { openOnnx } from './onnx.ts';
import { openReference } from './reference.ts';
import { openTensorflow } from './tensorflow.ts';

const reference = openReference();
const onnx = await openOnnx();
const wasm = await openTensorflow({ device: 'wasm' });
after(() => Promise.all([reference, onnx, wasm].map((runtime) => runtime.close())));

/** Float32 has 1.2e-7; sums of a few dozen products and a second derivative through them stay below the tolerances here. */
const trials: Trial[] = [
  { name: 'onnx float32', runtime: onnx, precision: 'float32', value: 1e-5, derivative: 1e-4 },
  { name: 'onnx float64', runtime: onnx, precision: 'float64', value: 1e-12, derivative: 1e-11 },
  { name: 'tensorflow wasm float32', runtime: wasm, precision: 'float32', value: 1e-5, derivative: 1e-4 },
];

for (const trial of trials)
  test(`${trial.name}: every op's values and both derivatives agree with the reference`, async () =>
    assert.deepEqual(await disagreements(reference, trial), []));

const edges = ['neg', 'exp', 'tanh', 'sigmoid', 'abs', 'sign', 'relu', 'square', 'sqrt', 'log', 'step', 'floor'] as const;
for (const { name, runtime, precision } of trials)
  test(`${name}: NaN and infinity pass through as on the reference`, async () => {
    const values = Float64Array.of(NaN, Infinity, -Infinity, 0, 2, -2);
    const make = (dtype: FloatType) => {
      const g = createBuilder(dtype);
      const [x, y] = [g.input('x', [6]), g.input('y', [6])];
      const outputs = [
        ...edges.map((edge) => g[edge](x)),
        g.maximum(x, y),
        g.minimum(x, y),
        g.maximum(y, x),
        g.add(x, y),
        g.where(g.greater(x, 0), x, y),
        g.norm(x),
        g.sum(x),
        g.reduceMax(x),
      ];
      return { g, inputs: [x, y], outputs };
    };
    const feeds = { x: values, y: Float64Array.of(1, NaN, 0, -1, Infinity, 3) };
    const exact = make('float64');
    const tried = make(precision);
    const wanted = await run(reference, exact.g, exact.inputs, exact.outputs, feeds);
    const got = await run(runtime, tried.g, tried.inputs, tried.outputs, feeds);
    const wrong = got.flatMap((result, i) => {
      const fault = difference(result, wanted[i]!, 1e-5);
      return fault ? [`${tried.outputs[i]!.op}: ${fault}`] : [];
    });
    assert.deepEqual(wrong, []);
  });

test('float32 norms of values whose squares do not exist', async () => {
  for (const runtime of [onnx, wasm]) {
    const g = createBuilder('float32');
    const x = g.input('x', [3, 2]);
    const [rows] = await run(runtime, g, [x], [g.norm(x, [1])], { x: Float64Array.of(3e-30, 4e-30, 3e30, 4e30, 0, 0) });
    assert.ok(
      Math.abs(rows![0]! / 5e-30 - 1) < 1e-6 && Math.abs(rows![1]! / 5e30 - 1) < 1e-6 && rows![2] === 0,
      `${runtime.name}: ${Array.from(rows!)}`,
    );
  }
});

/** x ← x + rate·tanh(x W), with the norm and a batch's sum recorded, and now and then the norm of the step and all of x. */
function walk(precision: FloatType): Program {
  const g = createBuilder(precision);
  const [x, w, rate, rows] = [g.input('x', [4, 3]), g.input('w', [3, 3]), g.input('rate', []), g.input('batch', [2], 'int32')];
  const move = g.tanh(g.matMul(x, w));
  return {
    title: 'walk',
    g,
    state: [{ name: 'x', input: x, next: g.add(x, g.mul(move, rate)) }],
    held: [{ name: 'w', input: w }],
    rows: [
      { name: 'rate', input: rate },
      { name: 'batch', input: rows },
    ],
    records: [
      { name: 'norm', value: g.norm(x) },
      { name: 'picked', value: g.sum(g.gather(x, rows), [0]) },
      { name: 'move', value: g.concat([g.norm(g.mul(move, 2), [1]), g.norm(x, [1])], 0), when: g.greater(rate, 0.02) },
      { name: 'all', value: x, when: g.greater(g.norm(x), 2.5) },
    ],
  };
}
const random = rng(9, 'test');
const start = Float32Array.from({ length: 12 }, () => random.normal());
const held = Float32Array.from({ length: 9 }, () => random.normal());
const steps = 20;
const rate = Float32Array.from({ length: steps }, (_, k) => 0.1 / (k + 1));
const batch = Int32Array.from({ length: 2 * steps }, (_, i) => i % 4);

const recorded = ['norm', 'picked', 'move', 'all'] as const;
type Walked = { x: Values } & Record<(typeof recorded)[number], number[]>;

async function walked(runtime: Runtime, calls: readonly number[]): Promise<Walked> {
  const compiled = await runtime.compile(walk('float32'));
  const w = await runtime.upload(held, [3, 3]);
  let state: Readonly<Record<string, Handle>> = { x: await runtime.upload(start, [4, 3]) };
  const rows = { norm: [] as number[], picked: [] as number[], move: [] as number[], all: [] as number[] };
  let from = 0;
  for (const count of calls) {
    const call = { rate: rate.slice(from, from + count), batch: batch.slice(2 * from, 2 * (from + count)) };
    const result = await compiled.run({ state, held: { w }, rows: call, steps: count });
    state = result.state;
    for (const name of recorded) rows[name].push(...result.records[name]!);
    from += count;
  }
  const x = await runtime.read(state.x!);
  runtime.release(state.x!);
  runtime.release(state.x!); // twice is safe
  runtime.release(w);
  await compiled.close();
  return { x, ...rows };
}

for (const runtime of [onnx, wasm]) {
  test(`${runtime.name}: twenty steps in one call, in twenty calls and in uneven ones are the same bytes`, async () => {
    const [one, many, uneven] = [
      await walked(runtime, [20]),
      await walked(runtime, new Array<number>(20).fill(1)),
      await walked(runtime, [7, 1, 12]),
    ];
    assert.deepEqual(many, one);
    assert.deepEqual(uneven, one);
  });
  test(`${runtime.name}: the walk agrees with the reference`, async () => {
    const [got, wanted] = [await walked(runtime, [20]), await walked(reference, [20])];
    assert.equal(difference(got.x, wanted.x, 1e-5), null);
    for (const name of recorded) assert.equal(difference(Float64Array.from(got[name]), Float64Array.from(wanted[name]), 1e-5), null, name);
  });
  test(`${runtime.name}: a record is computed where its condition holds, and zeros elsewhere`, async () => {
    const { move, all } = await walked(runtime, [20]);
    const held = Array.from({ length: steps }, (_, k) => move.slice(8 * k, 8 * k + 8).every((value) => value > 0));
    assert.deepEqual(
      held,
      Array.from(rate, (value) => value > 0.02),
    ); // 0.1, 0.05, 0.033, 0.025, then no more
    assert.ok(move.slice(32).every((value) => value === 0));
    const rows = Array.from({ length: steps }, (_, k) => all.slice(12 * k, 12 * k + 12));
    const grown = rows.map((row) => row.some((value) => value !== 0));
    assert.ok(grown.includes(true) && grown.includes(false), 'x crosses the threshold on its way');
  });
}

for (const runtime of [reference, onnx, wasm])
  test(`${runtime.name}: lent values are read, and records are written into the arrays given for them`, async () => {
    const compiled = await runtime.compile(walk('float32'));
    const call = {
      held: { w: await runtime.upload(held.slice(), [3, 3], { lent: true }) },
      rows: { rate: rate.slice(0, 3), batch: batch.slice(0, 6) },
      steps: 3,
    };
    const state = async () => ({ x: await runtime.upload(start, [4, 3]) });
    const { records } = await compiled.run({ ...call, state: await state() });
    const norm = new Float32Array(3);
    const into = await compiled.run({ ...call, state: await state(), into: { norm } });
    assert.deepEqual(Array.from(norm), Array.from(records.norm!));
    assert.deepEqual(into.records.picked, records.picked);
    assert.deepEqual(Array.from(into.records.norm!), Array.from(norm));
    await compiled.close();
  });

const bits = (values: Values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');
for (const runtime of [reference, onnx, wasm])
  test(`${runtime.name}: given arrays hold a record under a condition to the bit, and nothing of what they held before`, async () => {
    const compiled = await runtime.compile(walk('float32'));
    const w = await runtime.upload(held, [3, 3]);
    const given = {
      norm: new Float32Array(steps),
      picked: new Float32Array(3 * steps),
      move: new Float32Array(8 * steps),
      all: new Float32Array(12 * steps),
    };
    for (const rates of [rate, rate.toReversed()]) {
      // other rows are zeros the second time
      const call = async () => ({ state: { x: await runtime.upload(start, [4, 3]) }, held: { w }, rows: { rate: rates, batch }, steps });
      const fresh = await compiled.run(await call());
      if (rates === rate) for (const values of Object.values(given)) values.fill(NaN); // the second time what the first left is there
      const { records } = await compiled.run({ ...(await call()), into: given });
      for (const name of recorded) {
        assert.equal(bits(given[name]), bits(fresh.records[name]!), name);
        assert.equal(bits(records[name]!), bits(given[name]), name);
      }
      for (const [name, size] of [
        ['move', 8],
        ['all', 12],
      ] as const) {
        const zeros = Array.from({ length: steps }, (_, k) =>
          given[name].slice(size * k, size * (k + 1)).every((value) => Object.is(value, 0)),
        );
        assert.ok(zeros.includes(true) && zeros.includes(false), `${name} holds rows of both kinds`);
      }
    }
    await compiled.close();
  });

for (const runtime of [reference, onnx, wasm])
  test(`${runtime.name}: a program of one step writes a record under a condition into a given array`, async () => {
    const g = createBuilder('float32');
    const x = g.input('x', [3]);
    const records = [
      { name: 'sum', value: g.sum(x) },
      { name: 'square', value: g.square(x), when: g.greater(g.sum(x), 0) },
    ];
    const compiled = await runtime.compile({ title: 'one step', g, state: [], held: [{ name: 'x', input: x }], rows: [], records });
    const square = Float32Array.of(NaN, NaN, NaN);
    for (const [values, wanted] of [
      [
        [1, -2, 3],
        [1, 4, 9],
      ],
      [
        [-1, -2, -3],
        [0, 0, 0],
      ],
      [
        [0.5, 1, 0],
        [0.25, 1, 0],
      ],
    ] as const) {
      const given = await runtime.upload(Float32Array.from(values), [3]);
      const { records: got } = await compiled.run({ state: {}, held: { x: given }, rows: {}, steps: 1, into: { square } });
      assert.deepEqual([Array.from(square), Array.from(got.square!)], [wanted, wanted]);
      assert.equal(got.sum![0], values[0] + values[1] + values[2]);
      runtime.release(given);
    }
    await compiled.close();
  });

test('tensorflow leaves no tensor behind', async () => {
  const tf = (await import('@tensorflow/tfjs')).default as unknown as { memory(): { numTensors: number } };
  await walked(wasm, [5]);
  const before = tf.memory().numTensors;
  for (let i = 0; i < 3; i++) await walked(wasm, [5, 5]);
  assert.equal(tf.memory().numTensors, before);
});

test('what a program needs and does not get is named', async () => {
  const compiled = await onnx.compile(walk('float32'));
  const x = await onnx.upload(start, [4, 3]);
  await assert.rejects(compiled.run({ state: { x }, held: {}, rows: { rate, batch }, steps }), /needs the held tensor w/);
  await assert.rejects(compiled.run({ state: { x }, held: {}, rows: {}, steps: 0 }), /steps must be a positive integer, got 0/);
  await assert.rejects(onnx.upload(start, [5, 3]), /shape \[5,3\] takes 15 values, got 12/);
  await assert.rejects(wasm.upload(new Float64Array(2), [2]), /float32 only/);
  await compiled.close();
});
