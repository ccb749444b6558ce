/** @file Stacks of inputs against one input at a time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { batched } from './batch.ts';
import { createBuilder, type Builder } from './builder.ts';
import { evaluate } from './evaluate.ts';
import { sizeOf, type Node } from './node.ts';

const random = rng(5, 'test');
const draw = (shape: readonly number[]) => Float64Array.from({ length: sizeOf(shape) }, () => random.normal());

/** Linear in `x`. */
const pieces: Record<string, { shape: number[]; make: (g: Builder, x: Node, fixed: (...shape: number[]) => Node) => Node }> = {
  'sums, differences, quotients': { shape: [2, 3], make: (g, x, fixed) => g.sub(g.div(g.add(x, fixed(3)), fixed(2, 1)), fixed(2, 3)) },
  'a scalar against a matrix': { shape: [], make: (g, x, fixed) => g.mul(x, fixed(2, 3)) },
  'a row against a matrix': { shape: [3], make: (g, x, fixed) => g.neg(g.mul(fixed(2, 3), x)) },
  'what no gradient goes through': { shape: [2, 3], make: (g, x, fixed) => g.sub(x, g.stopGradient(g.mul(x, fixed(2, 3)))) },
  'a choice': { shape: [2, 3], make: (g, x, fixed) => g.where(g.step(fixed(2, 3)), x, fixed(1, 3)) },
  'products from the left': { shape: [2, 3], make: (g, x, fixed) => g.matMul(x, fixed(4, 3), { transposeB: true }) },
  'products from the left, transposed': { shape: [3, 2], make: (g, x, fixed) => g.matMul(x, fixed(3, 4), { transposeA: true }) },
  'products from the right': { shape: [3, 2], make: (g, x, fixed) => g.matMul(fixed(3, 4), x, { transposeA: true }) },
  'products of batches': { shape: [2, 3, 2], make: (g, x, fixed) => g.matMul(x, fixed(2, 4, 2), { transposeB: true }) },
  'sums over an axis': { shape: [2, 3], make: (g, x) => g.add(g.sum(x, [0]), g.sum(g.sum(x, [1], true))) },
  shapes: { shape: [2, 3], make: (g, x) => g.transpose(g.reshape(g.broadcastTo(g.reshape(x, [2, 1, 3]), [2, 4, 3]), [8, 3])) },
  parts: { shape: [2, 5], make: (g, x, fixed) => g.concat([g.pad(g.slice(x, 1, 1, 3), 0, 1, 0), fixed(3, 1)], 1) },
  'windows of images, there and back': {
    shape: [2, 4, 3, 2],
    make(g, x) {
      const windows = { kernel: [3, 2], stride: [1, 1], before: [1, 0], count: [4, 2] } as const;
      return g.fold(g.patches(x, windows), { ...windows, size: [4, 3] });
    },
  },
  'rows picked and put back': {
    shape: [4, 3],
    make: (g, x) => g.scatterAdd(g.constant(Int32Array.of(1, 1, 0)), g.gather(x, g.constant(Int32Array.of(2, 0, 2))), 3),
  },
};

for (const [title, { shape, make }] of Object.entries(pieces))
  test(`a stack gives what its entries give one after another: ${title}`, () => {
    const g = createBuilder('float64');
    const values: Record<string, Float64Array> = {};
    const fixed = (...of: number[]) => {
      const name = `fixed ${Object.keys(values).length}`;
      values[name] = draw(of);
      return g.input(name, of);
    };
    const x = g.input('x', shape);
    const result = make(g, x, fixed);
    const count = 3;
    const stack = g.input('stack', [count, ...shape]);
    values.stack = draw([count, ...shape]);
    const [together] = batched(g, [result], new Map([[x, stack]]));
    assert.deepEqual(together!.shape, [count, ...result.shape]);
    const size = sizeOf(shape);
    const expected = Array.from({ length: count }, (_, s) => {
      const one = { ...values, x: values.stack!.slice(s * size, (s + 1) * size) };
      return Array.from(evaluate([result], one)[0]!);
    }).flat();
    Array.from(evaluate([together!], values)[0]!).forEach((value, i) =>
      assert.ok(Math.abs(value - expected[i]!) < 1e-12, `${value} against ${expected[i]}`),
    );
  });

test('what does not depend on the input stays alone; what is not linear in it is refused', () => {
  const g = createBuilder('float64');
  const x = g.input('x', [2]);
  const stack = g.input('stack', [3, 2]);
  assert.equal(batched(g, [g.exp(g.input('other', [2]))], new Map([[x, stack]]))[0], null);
  assert.throws(() => batched(g, [g.exp(x)], new Map([[x, stack]])), /exp is not linear in what is replaced; known: add/);
});
