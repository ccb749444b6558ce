/** @file Normalizations said channel by channel: the same loss, gradient and Hessian-vector product, from fewer passes over the map. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { createBuilder, type Builder } from './builder.ts';
import { channelwise } from './channelwise.ts';
import { conv2d } from './convolution.ts';
import { gradient, hessianVector } from './differentiate.ts';
import { evaluate } from './evaluate.ts';
import { sizeOf, type Node } from './node.ts';
import { topologicalOrder } from './order.ts';
import { simplify } from './simplify.ts';
import { difference, scalarThrough } from './testing.ts';

const epsilon = 1e-3;
const images = [3, 5, 4, 2];
const kernels = [3, 3, 2, 4];

/** Builds a map to be normalized from the inputs given: one that stands still and parameters. */
interface Case {
  readonly title: string;
  readonly still: readonly number[];
  readonly parameters: readonly (readonly number[])[];
  readonly make: (g: Builder, still: Node, parameters: readonly Node[]) => Node;
  /** Normalizations that stay as they are. */
  readonly left?: number;
}
const overBatch = (g: Builder, x: Node) =>
  g.normalize(
    x,
    x.shape.slice(1).map((_, axis) => axis),
    epsilon,
  );
const cases: readonly Case[] = [
  {
    title: 'a dense layer of few inputs, scaled and shifted',
    still: [7, 3],
    parameters: [[3, 5], [5], [5]],
    make: (g, x, [k, scale, shift]) => g.add(g.mul(overBatch(g, g.matMul(x, k!)), scale!), shift!),
  },
  {
    title: 'a dense layer of many inputs, the rows in front',
    still: [7, 40],
    parameters: [[40, 2], [2], [2]],
    make: (g, x, [k, scale, shift]) => g.add(shift!, g.mul(scale!, overBatch(g, g.matMul(x, k!)))),
  },
  {
    title: 'as many rows as columns, scaled twice and shifted between',
    still: [3, 3],
    parameters: [[3, 4], [4], [1, 4], [4]],
    make: (g, x, [k, scale, shift, again]) => g.mul(g.add(g.mul(overBatch(g, g.matMul(x, k!)), scale!), shift!), again!),
  },
  {
    title: 'a convolution of an image that stands still',
    still: images,
    parameters: [kernels, [4], [4]],
    make: (g, x, [k, scale, shift]) => g.add(g.mul(overBatch(g, conv2d(g, x, k!, { padding: 'same' })), scale!), shift!),
  },
  {
    title: 'a convolution behind another, each normalized, the first read twice',
    still: images,
    parameters: [kernels, [4], [4], [2, 2, 4, 3], [1, 1, 1, 3], [3]],
    make(g, x, [k, scale, shift, next, scale2, shift2]) {
      const z = overBatch(g, conv2d(g, x, k!, { padding: 'same' }));
      const h = g.add(g.tanh(g.add(g.mul(z, scale!), shift!)), g.mul(z, 0.3));
      return g.add(g.mul(overBatch(g, conv2d(g, h, next!)), scale2!), shift2!);
    },
  },
  {
    title: 'a normalization of a normalization',
    still: [9, 3],
    parameters: [[3, 5], [5], [5]],
    make: (g, x, [k, scale, shift]) => g.add(overBatch(g, g.mul(overBatch(g, g.matMul(x, k!)), scale!)), shift!),
  },
  {
    title: 'nothing but the normalization of a parameter, times a map and a number',
    still: [6, 4],
    parameters: [[6, 4]],
    make: (g, x, [k]) => g.mul(g.mul(overBatch(g, k!), x), 2),
  },
  {
    title: 'layers normalized by example, and data by themselves, stay as they are',
    still: [6, 4],
    parameters: [[4, 4], [4]],
    make: (g, x, [k, scale]) => g.mul(g.normalize(g.matMul(overBatch(g, x), k!), [-1], epsilon), scale!),
    left: 2,
  },
];

for (const { title, still, parameters, make, left = 0 } of cases)
  test(`loss, gradient and Hessian-vector product are those of the normalization: ${title}`, () => {
    const g = createBuilder('float64');
    const random = rng(7, 'test');
    const feeds: Record<string, Float64Array> = {};
    const input = (name: string, shape: readonly number[], offset = 0) => {
      feeds[name] = Float64Array.from({ length: sizeOf(shape) }, () => offset + random.normal());
      return g.input(name, shape);
    };
    const x = input('x', still, 20); // a mean far above the spread
    const own = parameters.map((shape, i) => input(`p${i}`, shape));
    const vectors = parameters.map((shape, i) => input(`v${i}`, shape));
    const loss = scalarThrough(g, make(g, x, own));
    const again = channelwise(g, loss, own);
    assert.equal(topologicalOrder([again]).filter(({ op }) => op === 'normalize').length, left);
    const all = (of: Node) => [of, ...gradient(g, of, own), ...hessianVector(g, of, own, vectors)];
    const [want, got, simple] = [evaluate(all(loss), feeds), evaluate(all(again), feeds), evaluate(simplify(g, all(again)), feeds)];
    want.forEach((values, i) => {
      const scale = Math.hypot(...values); // patches of a mean of 20 and a spread of 1 lose 400 roundings of 1e-16
      assert.equal(difference(got[i]!, values, 1e-11, scale), null);
      assert.equal(difference(simple[i]!, values, 1e-11, scale), null);
    });
  });

test('behind a product of few columns a Hessian-vector product passes over the map in matrix products alone', () => {
  const g = createBuilder();
  const [x, k, scale, v] = [g.input('x', [64, 8, 8, 1]), g.input('k', [3, 3, 1, 8]), g.input('scale', [8]), g.input('v', [3, 3, 1, 8])];
  const loss = g.sum(g.square(g.mul(overBatch(g, conv2d(g, x, k, { padding: 'same' })), scale)));
  const passes = (of: Node) => {
    const moving = new Set([v]);
    const order = topologicalOrder(simplify(g, hessianVector(g, of, [k], [v])));
    for (const node of order) if (node.inputs.some((input) => moving.has(input))) moving.add(node);
    const large = ({ shape, op }: Node) => sizeOf(shape) >= 64 * 8 * 8 * 8 && op !== 'reshape' && op !== 'matMul';
    return order.filter((node) => moving.has(node) && large(node)).length;
  };
  assert.equal(passes(channelwise(g, loss, [k, scale])), 1); // the square's own
  assert.ok(passes(loss) > 10);
});
