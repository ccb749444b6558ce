/** @file Simplification changes nothing but the number of nodes: on random graphs to the last bit, and each rule on its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createBuilder, type Builder } from './builder.ts';
import { gradient, hessianVector } from './differentiate.ts';
import { evaluate } from './evaluate.ts';
import type { Node, Values } from './node.ts';
import { topologicalOrder } from './order.ts';
import { simplify } from './simplify.ts';
import { allCases, difference, instance, scalarThrough } from './testing.ts';

/** One instruction of a random graph: an op applied to nodes made before, chosen by number. */
interface Instruction {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}
const rows = 3;
const columns = 2;

/** Ops that are exact on small integers and halves, so that original and simplified graph must agree to the last bit. Null: does not fit. */
const moves: readonly ((g: Builder, a: Node, b: Node, c: number) => Node)[] = [
  (g, a, b) => g.add(a, b),
  (g, a, b) => g.sub(a, b),
  (g, a, b) => g.mul(a, b),
  (g, a, b) => g.maximum(a, b),
  (g, a, b) => g.minimum(a, b),
  (g, a, b) => g.greater(a, b),
  (g, a, b) => g.equal(a, b),
  (g, a, b, c) => g.where(c === 0 ? g.constant(1) : a, a, b),
  (g, a, b, c) => g.where(b, a, c === 0 ? a : 2),
  (g, a) => g.neg(a),
  (g, a) => g.abs(a),
  (g, a) => g.relu(a),
  (g, a) => g.square(a),
  (g, a) => g.step(a),
  (g, a) => g.stopGradient(a),
  (g, a, _, c) => g.mul(a, [1, -1, 2, 0.5, 0][c]!),
  (g, a, _, c) => g.add(a, [0, 1, -1, 2, 0.5][c]!),
  (g, a, _, c) => g.div(a, [1, -1, 2, 0.5, 4][c]!),
  (g, a, _, c) => g.pow(a, [1, 2, 2, 1, 2][c]!),
  (g, a) => g.mul(a, g.constant(1, a.shape)),
  (g, a) => g.add(g.constant(0, [rows, columns]), a),
  (g, a) => g.broadcastTo(a, [rows, columns]),
  (g, a) => g.broadcastTo(a, [2, rows, columns]),
  (g, a, _, c) => g.sum(a, c < a.shape.length ? [c] : undefined, c % 2 === 1),
  (g, a, b) => g.sum(a, [b.shape.length % Math.max(a.shape.length, 1)], true),
  (g, a, b, c) => g.concat([a, b], c % 2),
  (g, a, _, c) => g.slice(a, c % 2, c > 2 ? 1 : 0, c === 4 ? 2 : a.shape[c % 2]!),
  (g, a, _, c) => g.concat([g.slice(a, c % 2, 0, 1), g.slice(a, c % 2, 1, 2)], c % 2),
  (g, a) => g.transpose(a),
  (g, a, b, c) => g.matMul(a, b, { transposeA: c % 2 === 1, transposeB: c > 2 }),
  (g, a) => g.reshape(a, [-1]),
  (g, a) => g.reshape(a, [1, ...a.shape]),
  (g, a) => g.reshape(a, [-1, ...a.shape.slice(2)]),
  (g, a, b) => g.concat([g.reshape(a, [1, ...a.shape]), g.reshape(b, [1, ...b.shape])], 0),
  (g, a, _, c) => g.reshape(g.slice(a, 0, c % 2, (c % 2) + 1), a.shape.slice(1)),
  (g, a) => g.gather(a, g.constant(Int32Array.from({ length: a.shape[0]! }, (_, i) => i))),
];

/** Instructions that do not fit the shapes they meet are left out. */
function grown(g: Builder, leaves: readonly Node[], instructions: readonly Instruction[]): Node[] {
  const nodes = [...leaves];
  for (const { op, a, b, c } of instructions)
    try {
      nodes.push(moves[op % moves.length]!(g, nodes.at(-1 - (a % nodes.length))!, nodes[b % nodes.length]!, c % 5));
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    }
  return nodes;
}

const number = fc.nat({ max: 1_000 });
const instruction = fc.record({ op: number, a: fc.nat({ max: 3 }), b: number, c: number });
const value = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, NaN, Infinity, -Infinity) },
);
const values = (length: number) => fc.array(value, { minLength: length, maxLength: length }).map((list) => Float64Array.from(list));
const exact = (results: readonly Values[]) => results.every((of) => of.every((x) => !(Math.abs(x) > 2 ** 50) || Math.abs(x) === Infinity));

test('a simplified random graph has the values of the original, NaN and infinity included', () => {
  let fewer = 0;
  fc.assert(
    fc.property(
      fc.array(instruction, { minLength: 3, maxLength: 24 }),
      fc.record({ x: values(rows * columns), row: values(columns), scalar: values(1) }),
      (instructions, feeds) => {
        const g = createBuilder('float64');
        const leaves = [g.input('x', [rows, columns]), g.input('row', [1, columns]), g.input('scalar', []), g.constant(1, [rows, 1])];
        const nodes = grown(g, leaves, instructions);
        const simple = simplify(g, nodes);
        const want = evaluate(nodes, feeds);
        fc.pre(exact(want));
        const got = evaluate(simple, feeds);
        nodes.forEach((node, i) => {
          assert.deepEqual(simple[i]!.shape, node.shape);
          const wrong = difference(got[i]!, want[i]!, 0);
          assert.equal(wrong, null, `${node.op} of ${node.inputs.map(({ op }) => op).join(', ')}: ${wrong}`);
        });
        if (topologicalOrder(simple).length < topologicalOrder(nodes).length) fewer++;
      },
    ),
    { numRuns: 2_000, seed: 7 },
  );
  assert.ok(fewer > 500, `only ${fewer} of 2000 graphs became smaller`);
});

test('simplifying twice changes nothing more', () => {
  fc.assert(
    fc.property(fc.array(instruction, { minLength: 3, maxLength: 24 }), (instructions) => {
      const g = createBuilder('float64');
      const nodes = grown(g, [g.input('x', [rows, columns]), g.input('row', [1, columns]), g.input('scalar', [])], instructions);
      const once = simplify(g, nodes);
      assert.deepEqual(
        simplify(g, once).map(({ id }) => id),
        once.map(({ id }) => id),
      );
    }),
    { numRuns: 500, seed: 11 },
  );
});

test('every op keeps its value, gradient and Hessian-vector product, to 1e-12', () => {
  for (const each of allCases()) {
    const g = createBuilder('float64');
    const { inputs, output, feeds } = instance(g, each);
    const outputs = [output];
    if (each.of.differentiable !== false && inputs.length > 0) {
      const loss = scalarThrough(g, output);
      const directions = inputs.map(({ shape }) => g.constant(0.5, shape));
      outputs.push(...gradient(g, loss, inputs), ...hessianVector(g, loss, inputs, directions));
    }
    const [want, got] = [evaluate(outputs, feeds), evaluate(simplify(g, outputs), feeds)];
    outputs.forEach((_, i) => assert.equal(difference(got[i]!, want[i]!, 1e-12), null, `${each.name}, output ${i}`));
  }
});

const g = createBuilder('float64');
const x = g.input('x', [rows, columns]);
const y = g.input('y', [rows, columns]);
const row = g.input('row', [columns]);
const square = g.input('square', [columns, columns]);
const stack = g.input('stack', [2, rows, columns]);
const one = (node: Node) => g.reshape(node, [1, ...node.shape]);
const wide = (node: Node) => g.broadcastTo(node, [rows, columns]);

for (const [title, from, to] of [
  ['x + 0', g.add(x, g.constant(0, [rows, columns])), x],
  ['x + -y', g.add(x, g.neg(y)), g.sub(x, y)],
  ['x - -y', g.sub(x, g.neg(y)), g.add(x, y)],
  ['0 - x', g.sub(g.constant(0), x), g.neg(x)],
  ['-(x - y)', g.neg(g.sub(x, y)), g.sub(y, x)],
  ['--x', g.neg(g.neg(x)), x],
  ['x · 1', g.mul(x, g.constant(1, [rows, columns])), x],
  ['x · x', g.mul(x, x), g.square(x)],
  ['(2x) · 3', g.mul(g.mul(x, 2), 3), g.mul(x, 6)],
  ['y + x beside x + y', g.sub(g.add(x, y), g.add(y, x)), g.sub(g.add(x, y), g.add(x, y))],
  ['x / 4', g.div(x, 4), g.mul(x, 0.25)],
  ['x²', g.pow(x, 2), g.square(x)],
  ['(-x)²', g.square(g.neg(x)), g.square(x)],
  ['|x²|', g.abs(g.square(x)), g.square(x)],
  ['relu of relu', g.relu(g.relu(x)), g.relu(x)],
  ['a stopped gradient', g.stopGradient(x), x],
  ['a stretched row in a product', g.mul(x, wide(row)), g.mul(x, row)],
  ['a sum of equal values', g.sum(wide(g.reshape(row, [1, columns])), [0]), g.mul(row, 3)],
  ['a sum of sums', g.sum(g.sum(x, [0])), g.sum(x)],
  ['a slice of a slice', g.slice(g.slice(x, 0, 1, 3), 0, 1, 2), g.slice(x, 0, 2, 3)],
  ['a part of what was joined', g.slice(g.concat([x, y], 0), 0, 4, 5), g.slice(y, 0, 1, 2)],
  ['slices joined again', g.concat([g.slice(x, 0, 0, 1), g.slice(x, 0, 1, 3)], 0), x],
  [
    'a member of a stack',
    g.reshape(g.slice(stack, 0, 1, 2), [rows, columns]),
    g.slice(g.reshape(stack, [2 * rows, columns]), 0, rows, 2 * rows),
  ],
  ['members in a row', g.reshape(g.slice(stack, 0, 0, 2), [2 * rows, columns]), g.reshape(stack, [2 * rows, columns])],
  ['a stack of matrices', g.concat([one(x), one(y)], 0), g.reshape(g.concat([x, y], 0), [2, rows, columns])],
  [
    'sums over rows as rows',
    g.concat([g.sum(x, [0]), g.sum(y, [0])], 0),
    g.reshape(g.concat([g.sum(x, [0], true), g.sum(y, [0], true)], 0), [2 * columns]),
  ],
  ['a member of a stack of matrices', g.slice(g.concat([one(x), one(y)], 0), 0, 1, 2), one(y)],
  [
    'all members, taken apart and joined',
    g.concat(
      [0, 1].map((i) => g.slice(stack, 0, i, i + 1)),
      0,
    ),
    stack,
  ],
  ['a transposed factor', g.matMul(x, g.transpose(square)), g.matMul(x, square, { transposeB: true })],
  ['all rows in order', g.gather(x, g.constant(Int32Array.of(0, 1, 2))), x],
  ['a condition that is known', g.where(g.constant(0), x, y), y],
  ['constants alone', g.exp(g.constant(Float64Array.of(0, 0))), g.constant(1, [2])],
] as const)
  test(`${title} becomes simpler`, () => assert.equal(simplify(g, [from])[0], simplify(g, [to])[0]));

test('x · 0 and x - x stay, as they are NaN for infinite x', () => {
  const kept = [g.mul(x, 0), g.sub(x, x)];
  assert.deepEqual(
    simplify(g, kept).map(({ op }) => op),
    ['mul', 'sub'],
  );
});

test('a sum of more than 1,024 values is made of sums, in place and result the same; along axes apart or of a prime length it stays', () => {
  const sums = (of: Node) => topologicalOrder([of]).filter(({ op }) => op === 'sum');
  const cases: readonly (readonly [shape: number[], axes: number[], sums: number])[] = [
    [[1_024, 3], [0], 1],
    [[2_048, 3], [0], 2],
    [[33, 32, 5], [0, 1], 2],
    [[2_000], [0], 2],
    [[4, 30, 40], [1, 2], 2],
    [[2, 1_500, 3], [1], 2],
    [[3, 1_500, 1], [1], 2],
    [[1_025, 1_030, 1], [0, 1], 4],
    [[1_031, 2], [0], 1],
    [[40, 2, 40], [0, 2], 1],
  ];
  for (const [shape, axes, count] of cases)
    for (const keepDims of [false, true]) {
      const g = createBuilder();
      const node = g.sum(g.input('x', shape), axes, keepDims);
      const [simple] = simplify(g, [node]) as [Node];
      const feeds = { x: Float64Array.from({ length: shape.reduce((n, m) => n * m, 1) }, (_, i) => (i * 7919) % 1_009) };
      assert.deepEqual(simple.shape, node.shape);
      assert.deepEqual(evaluate([simple], feeds), evaluate([node], feeds), `[${shape}] over [${axes}]`);
      assert.equal(sums(simple).length, count, `[${shape}] over [${axes}]`);
      for (const { inputs, shape: left } of sums(simple))
        if (count > 1) assert.ok(inputs[0]!.shape.reduce((n, m) => n * m, 1) / left.reduce((n, m) => n * m, 1) <= 1_024);
    }
});
