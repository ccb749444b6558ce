/** @file A graph cut in two gives what it gave whole, and its first part knows nothing of what moves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { createBuilder } from './builder.ts';
import { cut, factored, gathered, stacked, turned } from './cut.ts';
import { gradient, hessianVector } from './differentiate.ts';
import { evaluate } from './evaluate.ts';
import type { Node } from './node.ts';
import { topologicalOrder } from './order.ts';

const random = rng(4, 'test');
const draw = (n: number) => Float64Array.from({ length: n }, () => random.normal());

/** A tanh network with softmax cross-entropy, its gradient and its product with the vector `v`. */
function network() {
  const g = createBuilder('float64');
  const [x, w, v] = [g.input('x', [5, 3]), g.input('w', [3, 3]), g.input('v', [3, 3])];
  const logits = g.matMul(g.tanh(g.matMul(g.tanh(g.matMul(x, w)), w)), w);
  const loss = g.neg(g.sum(g.mul(g.logSoftmax(logits), g.oneHot(g.constant(Int32Array.of(0, 2, 1, 1, 0)), 3))));
  return { g, loss, w, v, outputs: [...hessianVector(g, loss, [w], [v]), ...gradient(g, loss, [w])] };
}
const feeds = { x: draw(15), w: draw(9), v: draw(9) };

for (const [title, most] of [
  ['each for itself', 0],
  ['a lone small one as it is', 9],
  ['all as stacks', 1_000],
] as const)
  test(`both parts together give the values of the whole, for one vector after another: what is kept ${title}`, () => {
    const { g, v, outputs } = network();
    const whole = cut(g, outputs, [v]);
    const parts = stacked(g, whole, most);
    const first = evaluate(
      parts.kept.map(({ value }) => value),
      { x: feeds.x, w: feeds.w },
    ); // v is not fed
    const kept = Object.fromEntries(parts.kept.map(({ input }, i) => [String(input.attrs.name), first[i]!]));
    for (const vector of [feeds.v, draw(9)]) {
      const given = { ...feeds, v: vector };
      assert.deepEqual(evaluate(parts.outputs, { ...given, ...kept }), evaluate(outputs, given));
    }
    const shapes = (all: typeof parts.kept) => all.map(({ value }) => value.shape.join());
    const large = shapes(whole.kept).filter((shape) => shape.split(',').reduce((n, m) => n * Number(m), 1) > most);
    const small = shapes(whole.kept).filter((shape) => !large.includes(shape));
    assert.deepEqual(
      shapes(parts.kept).filter((shape) => large.includes(shape)),
      large,
    );
    assert.equal(parts.kept.length, large.length + new Set(small).size);
    if (most === 1_000) assert.ok(parts.kept.length < whole.kept.length);
  });

test('the second part of a product holds six matrix products a layer, less those of the first layer’s still input', () => {
  const { g, v, outputs } = network();
  const products = (nodes: readonly Node[]) => topologicalOrder(nodes).filter(({ op }) => op === 'matMul').length;
  const [product] = cut(g, [outputs[0]!], [v]).outputs;
  assert.equal(products([product!]), 6 * 3 - 4);
  assert.ok(products([outputs[0]!]) > products([product!]));
});

test('what does not move at all is kept whole', () => {
  const { g, v, outputs } = network();
  const slope = outputs[1]!;
  const { kept, outputs: again } = cut(g, [slope], [v]);
  assert.deepEqual(
    kept.map(({ value }) => value),
    [slope],
  );
  assert.deepEqual(again, [kept[0]!.input]);
});

test('factors that stay are multiplied together first: the values stay, three multiplications of a tanh layer’s product are left', () => {
  const { g, v, outputs } = network();
  const [product] = gathered(g, [outputs[0]!], [v]);
  const [got, wanted] = [evaluate([product!], feeds)[0]!, evaluate([outputs[0]!], feeds)[0]!];
  got.forEach((value, i) =>
    assert.ok(Math.abs(value - wanted[i]!) <= 1e-14 * Math.max(1, Math.abs(wanted[i]!)), `${value}, not ${wanted[i]}`),
  );
  const movingWork = (node: Node) => {
    const { outputs: again } = cut(g, [node], [v]);
    return topologicalOrder(again).filter(({ op, shape }) => (op === 'mul' || op === 'neg') && shape.join() === '5,3').length;
  };
  const softmax = 3; // p ∘ (Rz - p·Rz), and its mean over the batch
  assert.ok(movingWork(product!) <= 2 * 3 + softmax, String(movingWork(product!)));
  assert.ok(movingWork(product!) < movingWork(outputs[0]!));
});

const close = (got: readonly Node[], wanted: readonly Node[], given: Record<string, Float64Array>, tolerance = 1e-14) => {
  const [a, b] = [evaluate(got, given), evaluate(wanted, given)];
  b.forEach((values, k) =>
    values.forEach((value, i) =>
      assert.ok(Math.abs(a[k]![i]! - value) <= tolerance * Math.max(1, Math.abs(value)), `${k}, ${i}: ${a[k]![i]}, not ${value}`),
    ),
  );
};

test('a shared factor is multiplied by once: of a tanh layer’s tangents the one before the activation is read in one place', () => {
  const { g, v, outputs } = network();
  const together = gathered(g, [outputs[0]!], [v]);
  const apart = factored(g, together, [v]);
  close(apart, [outputs[0]!], feeds);
  const readers = (nodes: readonly Node[]) => {
    const order = topologicalOrder(cut(g, nodes, [v]).outputs);
    // a layer's tangent before its activation: the sum of two products, or for the first layer one product
    const before = order.filter(
      ({ op, shape, inputs }) => shape.join() === '5,3' && (op === 'add' || op === 'matMul') && inputs.length > 0,
    );
    return before.map((node) => order.filter(({ op, inputs }) => op === 'mul' && inputs.includes(node)).length);
  };
  assert.ok(readers(together).includes(2));
  assert.ok(!readers(apart).includes(2), readers(apart).join());
});

test('shared factors: signs, nested factors and factors of one’s own', () => {
  const g = createBuilder('float64');
  const [a, b, c, v] = ['a', 'b', 'c', 'v'].map((name) => g.input(name, [4])) as [Node, Node, Node, Node];
  const given = { a: draw(4), b: draw(4), c: draw(4), v: draw(4) };
  const product = (factor: Node) => g.mul(v, factor);
  const ab = g.mul(b, a);
  for (const [factors, left] of [
    [[a, g.mul(a, b)], 2],
    [[a, g.neg(g.mul(b, g.neg(g.mul(c, a))))], 2],
    [[a, ab, g.mul(c, ab)], 3],
    [[a, b], 2],
    [[g.mul(a, b), g.mul(a, c)], 2],
  ] as [Node[], number][]) {
    const outputs = factors.map(product);
    const again = factored(g, outputs, [v]);
    close(again, outputs, given);
    const moving = topologicalOrder(cut(g, again, [v]).outputs).filter(({ op }) => op === 'mul');
    assert.equal(moving.length, left);
  }
  const none = { ...given, a: Float64Array.of(0, NaN, Infinity, -0) };
  const outputs = [a, ab].map(product);
  const [got, wanted] = [evaluate(factored(g, outputs, [v]), none), evaluate(outputs, none)];
  assert.deepEqual(
    got.map((values) => Array.from(values, Number.isNaN)),
    wanted.map((values) => Array.from(values, Number.isNaN)),
  );
});

test('tall matrices that stay are turned once, small ones and those that move are not', () => {
  const g = createBuilder('float64');
  const [still, small, v] = [g.input('still', [1030, 3]), g.input('small', [5, 3]), g.input('v', [1030, 2])];
  const w = g.slice(v, 0, 0, 5);
  const outputs = [
    g.matMul(still, v, { transposeA: true }),
    g.matMul(g.mul(still, 2), g.mul(v, 2), { transposeA: true }),
    g.matMul(small, w, { transposeA: true }),
    g.matMul(v, still, { transposeA: true }),
  ];
  const again = turned(g, outputs, [v]);
  close(again, outputs, { still: draw(3090), small: draw(15), v: draw(2060) });
  const turns = (node: Node) => topologicalOrder([node]).some(({ op }) => op === 'transpose');
  assert.deepEqual(again.map(turns), [true, true, false, false]);
  assert.ok(cut(g, again, [v]).kept.some(({ value }) => value.op === 'transpose' && value.shape.join() === '3,1030'));
});
