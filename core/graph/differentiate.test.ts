/** @file Whole networks: the Hessian-vector product against a Hessian made column by column, its symmetry, and graphs a thousand layers deep. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { createBuilder } from './builder.ts';
import { gelu } from './compose.ts';
import { gradient, hessianVector } from './differentiate.ts';
import { evaluate } from './evaluate.ts';
import { erf } from './erf.ts';
import { sizeOf, type Node } from './node.ts';
import { topologicalOrder } from './order.ts';

/** Two hidden layers, batch-normalized, with softmax cross-entropy: 5·4 + 4·3 + 3·3 = 41 parameters. */
function network(activation: (g: ReturnType<typeof createBuilder>, x: Node) => Node) {
  const g = createBuilder('float64');
  const shapes = [
    [5, 4],
    [4, 3],
    [3, 3],
  ];
  const weights = shapes.map((shape, i) => g.input(`w${i}`, shape));
  let x = g.input('x', [7, 5]);
  weights.slice(0, 2).forEach((w) => (x = activation(g, g.normalize(g.matMul(x, w), [0], 1e-5))));
  const logits = g.matMul(x, weights[2]!);
  const loss = g.mul(g.sum(g.mul(g.logSoftmax(logits), g.oneHot(g.constant(Int32Array.of(0, 1, 2, 0, 1, 2, 0)), 3))), -1 / 7);
  const random = rng(11, 'test');
  const feeds: Record<string, Float64Array> = Object.fromEntries(
    [...weights, x].filter((node) => node.op === 'input').map((node) => [String(node.attrs.name), new Float64Array(sizeOf(node.shape))]),
  );
  feeds.x = new Float64Array(35);
  for (const values of Object.values(feeds)) for (let i = 0; i < values.length; i++) values[i] = random.normal();
  return { g, weights, loss, feeds, random };
}
const flat = (values: ArrayLike<number>[]) => values.flatMap((part) => Array.from(part));

for (const [name, activation] of [
  ['tanh', (g, x) => g.tanh(x)],
  ['gelu', gelu],
] as const satisfies [string, Parameters<typeof network>[0]][])
  test(`${name} network: H v equals the Hessian made of gradient differences, column by column, and H is symmetric`, () => {
    const { g, weights, loss, feeds, random } = network(activation);
    const slopes = gradient(g, loss, weights);
    const parameters = weights.flatMap((w, i) => Array.from({ length: sizeOf(w.shape) }, (_, k) => [`w${i}`, k] as const));
    const columns = parameters.map(([input, k]) => {
      const moved = (by: number) => flat(evaluate(slopes, { ...feeds, [input]: feeds[input]!.map((v, i) => (i === k ? v + by : v)) }));
      const central = (h: number) => {
        const [plus, minus] = [moved(h), moved(-h)];
        return plus.map((v, i) => (v - minus[i]!) / (2 * h));
      };
      const [coarse, fine] = [central(2e-3), central(1e-3)];
      return fine.map((v, i) => (4 * v - coarse[i]!) / 3);
    });
    const vectors = weights.map((w) => Float64Array.from({ length: sizeOf(w.shape) }, () => random.normal()));
    const v = flat(vectors);
    const product = flat(
      evaluate(
        hessianVector(
          g,
          loss,
          weights,
          weights.map((w, i) => g.constant(vectors[i]!, w.shape)),
        ),
        feeds,
      ),
    );
    product.forEach((value, row) => {
      const wanted = columns.reduce((sum, column, k) => sum + column[row]! * v[k]!, 0);
      assert.ok(Math.abs(value - wanted) < 1e-7 * Math.max(1, Math.abs(wanted)), `row ${row}: ${value} against ${wanted}`);
    });
    const others = weights.map((w) => Float64Array.from({ length: sizeOf(w.shape) }, () => random.normal()));
    const otherProduct = flat(
      evaluate(
        hessianVector(
          g,
          loss,
          weights,
          weights.map((w, i) => g.constant(others[i]!, w.shape)),
        ),
        feeds,
      ),
    );
    const u = flat(others);
    const left = product.reduce((sum, value, i) => sum + value * u[i]!, 0);
    const right = otherProduct.reduce((sum, value, i) => sum + value * v[i]!, 0);
    assert.ok(Math.abs(left - right) < 1e-11 * Math.max(1, Math.abs(left)), `${left} against ${right}`);
  });

test('weights in front of a normalization have a gradient orthogonal to them', () => {
  const { g, weights, loss, feeds } = network((h, x) => h.tanh(x));
  const slope = evaluate(gradient(g, loss, [weights[0]!]), feeds)[0] as Float64Array;
  const along = slope.reduce((sum, value, i) => sum + value * feeds.w0![i]!, 0);
  assert.ok(Math.abs(along) < 1e-4, `${along}`); // ε of the normalization is 1e-5
});

test('a chain of 1,000 layers is differentiated twice with a bounded number of nodes a layer', () => {
  const g = createBuilder('float32');
  const weights: Node[] = [];
  let x = g.input('x', [8, 16]);
  for (let layer = 0; layer < 1000; layer++) {
    const w = g.input(`w${layer}`, [16, 16]);
    weights.push(w);
    x = g.tanh(g.matMul(x, w));
  }
  const loss = g.sum(g.square(x));
  const products = hessianVector(
    g,
    loss,
    weights,
    weights.map((w, i) => g.input(`v${i}`, w.shape)),
  );
  const nodes = topologicalOrder(products).length;
  assert.ok(nodes < 30_000, `${nodes} nodes`); // 31 ms of 154 ms on one core go into the chain itself
});

test('what the loss does not depend on has a zero gradient, and a loss must be one value', () => {
  const g = createBuilder('float64');
  const [a, b] = [g.input('a', [2]), g.input('b', [3])];
  assert.deepEqual(Array.from(evaluate(gradient(g, g.sum(a), [b]), { a: Float64Array.of(1, 2), b: new Float64Array(3) })[0]!), [0, 0, 0]);
  assert.throws(() => gradient(g, a, [b]), /the loss must be one value, got \[2\]/);
  assert.deepEqual(Array.from(evaluate(gradient(g, g.sum(g.mul(g.stopGradient(a), a)), [a]), { a: Float64Array.of(3, 4) })[0]!), [3, 4]);
});

test('erf has the published digits', () => {
  const table = {
    0: 0,
    0.1: 0.1124629160182849,
    0.5: 0.5204998778130465,
    1: 0.8427007929497149,
    2: 0.9953222650189527,
    3: 0.9999779095030014,
    4: 0.9999999845827421,
  };
  for (const [x, value] of Object.entries(table)) assert.ok(Math.abs(erf(Number(x)) - value) < 4e-16, `${x}: ${erf(Number(x))}`);
  assert.equal(erf(-1), -erf(1));
});
