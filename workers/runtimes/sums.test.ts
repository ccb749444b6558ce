/** @file Float32 sums over many values keep their digits on every runtime, and so does what is made of such sums that cancel. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBuilder, type FloatType } from '#core/graph/builder.ts';
import { conv2d, globalAveragePool } from '#core/graph/convolution.ts';
import { gradient } from '#core/graph/differentiate.ts';
import { sizeOf, type Node, type Values } from '#core/graph/node.ts';
import type { Runtime } from '#core/graph/program.ts';
import { rng } from '#core/rng.ts';
import { openOnnx } from './onnx.ts';
import { openTensorflow } from './tensorflow.ts';

const runtimes = [await openOnnx(), await openTensorflow({ device: 'wasm' })];
after(() => Promise.all(runtimes.map((runtime) => runtime.close())));

async function valuesOf(runtime: Runtime, g: ReturnType<typeof createBuilder>, nodes: readonly Node[], feeds: [Node, Values][]) {
  const named = feeds.map(([input, values]) => ({ name: String(input.attrs.name), input, values }));
  const held: Record<string, Awaited<ReturnType<Runtime['upload']>>> = {};
  for (const { name, input, values } of named) held[name] = await runtime.upload(values, input.shape);
  const records = nodes.map((value, i) => ({ name: `r${i}`, value }));
  const compiled = await runtime.compile({ title: 'sums', g, state: [], rows: [], held: named, records });
  const result = await compiled.run({ state: {}, held, rows: {}, steps: 1 });
  await compiled.close();
  return nodes.map((_, i) => result.records[`r${i}`]!);
}

const shapes: readonly (readonly [shape: readonly number[], axes: readonly number[]])[] = [
  [[50_176, 3], [0]],
  [
    [64, 28, 28, 3],
    [0, 1, 2],
  ],
  [
    [64, 28, 28],
    [0, 1, 2],
  ],
  [[3, 50_176], [1]],
  [[2, 50_176, 3], [1]],
];
for (const runtime of runtimes)
  test(`${runtime.name}: a sum of 50,176 positive numbers is right to 2e-6`, async () => {
    for (const [shape, axes] of shapes) {
      const random = rng(1, 'test');
      const values = Float32Array.from({ length: sizeOf(shape) }, () => 0.5 + 0.1 * random.normal());
      const g = createBuilder();
      const x = g.input('x', shape);
      const node = g.sum(x, axes);
      const [got] = await valuesOf(runtime, g, [node], [[x, values]]);
      const want = new Float64Array(sizeOf(node.shape));
      const [last, inner] = [axes.at(-1)!, sizeOf(shape.slice(axes.at(-1)! + 1))];
      const outer = sizeOf(shape.slice(axes[0], last + 1)) * inner;
      values.forEach((value, i) => (want[Math.floor(i / outer) * inner + (i % inner)]! += value));
      // two sums of 224: one after another they were 7e-6 off
      want.forEach((value, i) =>
        assert.ok(Math.abs(got![i]! - value) <= 2e-6 * value, `[${shape}] over [${axes}]: ${got![i]} for ${value}`),
      );
    }
  });

/** Gradients of two normalized convolutions of 32 smooth images by all their kernels. */
async function gradients(runtime: Runtime, precision: FloatType) {
  const g = createBuilder(precision);
  const random = rng(2, 'test');
  const typed = (values: Iterable<number>) => (precision === 'float64' ? Float64Array : Float32Array).from(Array.from(values, Math.fround));
  const feeds: [Node, Values][] = [];
  const input = (name: string, shape: number[], values: Iterable<number>) => {
    const node = g.input(name, shape);
    feeds.push([node, typed(values)]);
    return node;
  };
  const blot = () => {
    const [row, column, size, ground] = [28 * random.uniform(), 28 * random.uniform(), 2 + 6 * random.uniform(), 0.2 * random.uniform()];
    return Array.from({ length: 784 }, (_, i) => {
      const distance = (Math.floor(i / 28) - row) ** 2 + ((i % 28) - column) ** 2;
      return ground + Math.exp(-distance / (2 * size ** 2));
    });
  };
  const images = input('images', [32, 28, 28, 1], Array.from({ length: 32 }, blot).flat());
  const kernels = [
    [3, 3, 1, 8],
    [3, 3, 8, 8],
  ].map((shape, i) =>
    input(
      `k${i}`,
      shape,
      Array.from({ length: sizeOf(shape) }, () => random.normal()),
    ),
  );
  const outputs = kernels.reduce(
    (h, kernel) => g.relu(g.normalize(conv2d(g, h, kernel, { padding: 'same' }), [0, 1, 2], 1e-5)),
    images as Node,
  );
  const loss = g.sum(g.sin(g.mul(globalAveragePool(g, outputs), 3)));
  return (await valuesOf(runtime, g, gradient(g, loss, kernels), feeds)).flatMap((values) => Array.from(values));
}

test('gradients of normalized convolutions of smooth images are right to 2e-5 in float32', async () => {
  const want = await gradients(runtimes[0]!, 'float64');
  for (const runtime of runtimes) {
    const got = await gradients(runtime, 'float32');
    const error = Math.hypot(...want.map((value, i) => got[i]! - value)) / Math.hypot(...want);
    assert.ok(error <= 2e-5, `${runtime.name}: ${error}`);
  }
});
