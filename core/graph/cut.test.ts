/** @file A graph cut in two gives what it gave whole, and its first part knows nothing of what moves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { createBuilder } from './builder.ts';
import { cut, gathered, stacked } from './cut.ts';
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
