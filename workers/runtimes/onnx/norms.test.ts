/** @file Norms that are read together have the values of norms by themselves, wherever their squares do not exist. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBuilder, type FloatType } from '#core/graph/builder.ts';
import { sizeOf } from '#core/graph/node.ts';
import { readersOf, topologicalOrder } from '#core/graph/order.ts';
import { difference } from '#core/graph/testing.ts';
import { rng } from '#core/rng.ts';
import { run } from '../agreement.fixture.ts';
import { openOnnx } from '../onnx.ts';
import { openReference } from '../reference.ts';
import { jointNorms } from './norms.ts';

const reference = openReference();
const onnx = await openOnnx();
after(() => Promise.all([reference.close(), onnx.close()]));

const count = 70; // more than are joined at once
/** Whole tensors of several ranks, a stack, one too long for a single sum, and something else among them. */
function manyNorms(precision: FloatType) {
  const g = createBuilder(precision);
  const shapes = Array.from({ length: count }, (_, i) => (i === 7 ? [1, 2, 10] : i === 8 ? [260, 260] : i === 9 ? [3, 4, 5] : [4, 5]));
  const inputs = shapes.map((shape, i) => g.input(`x${i}`, shape));
  const norms = inputs.map((x, i) => {
    const y = g.neg(x);
    return i === 9 ? g.norm(y, [1, 2]) : g.reshape(g.norm(y), [1]);
  });
  const sum = g.reshape(g.sum(g.abs(inputs[0]!)), [1]);
  return { g, inputs, outputs: [g.mul(g.concat([...norms.slice(0, 50), sum, ...norms.slice(50)], 0), 2)] };
}

for (const [title, scale] of [
  ['ordinary values', () => 1],
  ['one layer whose squares underflow', (i: number) => (i === 3 ? 1e-30 : 1)],
  ['one layer of zeros', (i: number) => (i === 5 ? 0 : 1)],
  ['every layer smaller than the one before', (i: number) => 10 ** (-i / 2)],
  ['vanished, and a vanished gradient next to one that is not', (i: number) => (i % 2 === 0 ? 10 ** (-16 - i / 4) : 1)],
  ['little more than the least that float32 holds', () => 1e-36],
  ['one layer whose squares are beyond float32, among vanished ones', (i: number) => (i === 3 ? 1e30 : 1e-30)],
  ['one that is not a number', (i: number) => (i === 60 ? NaN : 1)],
] as const)
  test(`${title}: the joint norms are those of the reference`, async () => {
    const tried = manyNorms('float32');
    const order = topologicalOrder(tried.outputs);
    const { runs, joins } = jointNorms(order, readersOf(order, tried.outputs));
    assert.deepEqual(
      [...new Set(runs.values())].map(({ length }) => length),
      [50, 20],
    );
    assert.deepEqual(
      [...joins.values()].map(({ length }) => length),
      [3],
    );
    const random = rng(4, 'test');
    const feeds = Object.fromEntries(
      tried.inputs.map((input, i) => [
        input.attrs.name as string,
        Float64Array.from({ length: sizeOf(input.shape) }, () => Math.fround(random.normal() * scale(i))),
      ]),
    );
    const exact = manyNorms('float64');
    const [wanted] = await run(reference, exact.g, exact.inputs, exact.outputs, feeds);
    const [got] = await run(onnx, tried.g, tried.inputs, tried.outputs, feeds);
    got!.forEach((value, i) =>
      assert.equal(
        difference(Float64Array.of(value), Float64Array.of(wanted![i]!), 2e-6, 0),
        null,
        `value ${i}: ${value} against ${wanted![i]}`,
      ),
    );
  });

test('a norm that something else reads as well is left to itself', () => {
  const g = createBuilder('float32');
  const [x, y] = [g.input('x', [3]), g.input('y', [3])];
  const shared = g.norm(x);
  const outputs = [g.concat([g.reshape(shared, [1]), g.reshape(g.norm(y), [1])], 0), g.mul(y, shared)];
  const order = topologicalOrder(outputs);
  assert.equal(jointNorms(order, readersOf(order, outputs)).joins.size, 0);
});
