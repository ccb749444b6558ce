/** @file Convolutions whose patches are too many for the cache are computed block by block, with the values of the whole. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBuilder, type FloatType } from '#core/graph/builder.ts';
import { conv2d } from '#core/graph/convolution.ts';
import { gradient } from '#core/graph/differentiate.ts';
import { readersOf, topologicalOrder } from '#core/graph/order.ts';
import { simplify } from '#core/graph/simplify.ts';
import { difference } from '#core/graph/testing.ts';
import { rng } from '#core/rng.ts';
import { run } from '../agreement.fixture.ts';
import { openOnnx } from '../onnx.ts';
import { openReference } from '../reference.ts';
import { blocksOf } from './blocks.ts';

const reference = openReference();
const onnx = await openOnnx();
after(() => Promise.all([reference.close(), onnx.close()]));

/** The mean square of two convolutions, one of stride 2, with its gradients and a derivative of those along the first kernel's values. */
function twoConvolutions(precision: FloatType, batch: number) {
  const g = createBuilder(precision);
  const [x, a, b] = [g.input('x', [batch, 32, 31, 8]), g.input('a', [3, 3, 8, 6]), g.input('b', [3, 3, 6, 2])];
  const y = conv2d(g, g.tanh(conv2d(g, x, a, { padding: 'same' })), b, { stride: 2 });
  const loss = g.mul(g.sum(g.square(y)), 1e-3);
  const gradients = gradient(g, loss, [x, a, b]);
  const product = gradient(g, g.sum(g.mul(gradients[1]!, a)), [a, b]);
  return { g, inputs: [x, a, b], outputs: [y, ...gradients, ...product] };
}

for (const [precision, batch, tolerance] of [
  ['float32', 21, 2e-4],
  ['float64', 11, 1e-11],
] as const)
  test(`${precision}: blocked convolutions of an odd batch, their gradients and a Hessian-vector product agree with the reference`, async () => {
    const tried = twoConvolutions(precision, batch);
    const simple = simplify(tried.g, tried.outputs);
    const order = topologicalOrder(simple);
    const { products, skipped } = blocksOf(order, readersOf(order, simple));
    const kinds = new Set([...products.values()].map(({ kind }) => kind));
    assert.ok(kinds.has('filtered') && kinds.has('gradient') && skipped.size > 0, `${[...kinds]}, ${skipped.size} skipped`);
    const random = rng(3, 'test');
    const feeds = Object.fromEntries(
      tried.inputs.map((input) => [
        input.attrs.name as string,
        Float64Array.from({ length: input.shape.reduce((n, size) => n * size, 1) }, () => Math.fround(random.normal() * 0.3)),
      ]),
    );
    const exact = twoConvolutions('float64', batch);
    const wanted = await run(reference, exact.g, exact.inputs, exact.outputs, feeds);
    const got = await run(onnx, tried.g, tried.inputs, tried.outputs, feeds);
    assert.deepEqual(
      got.flatMap((values, i) => difference(values, wanted[i]!, tolerance) ?? []),
      [],
    );
  });
