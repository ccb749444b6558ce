/** @file Convolution and pooling against six nested loops, over strides, paddings and odd sizes; second derivatives against differences. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { createBuilder } from './builder.ts';
import { averagePool, conv2d, globalAveragePool, maxPool, windowsAlong } from './convolution.ts';
import { gradient, hessianVector } from './differentiate.ts';
import { evaluate } from './evaluate.ts';
import { topologicalOrder } from './order.ts';
import { simplify } from './simplify.ts';
import { sizeOf, type Shape } from './node.ts';
import { difference } from './testing.ts';

const random = rng(3, 'test');
const values = (shape: Shape) => Float64Array.from({ length: sizeOf(shape) }, () => random.normal());

/** By definition: each output is the sum over the window, what lies outside counts as zero. */
function looped(x: Float64Array, [B, H, W, C]: Shape, k: Float64Array, [kh, kw, , N]: Shape, stride: number, padding: 'same' | 'valid') {
  const rows = padding === 'same' ? Math.ceil(H! / stride) : Math.floor((H! - kh!) / stride) + 1;
  const columns = padding === 'same' ? Math.ceil(W! / stride) : Math.floor((W! - kw!) / stride) + 1;
  const top = padding === 'same' ? Math.floor(Math.max(0, (rows - 1) * stride + kh! - H!) / 2) : 0;
  const left = padding === 'same' ? Math.floor(Math.max(0, (columns - 1) * stride + kw! - W!) / 2) : 0;
  const y = new Float64Array(B! * rows * columns * N!);
  for (let b = 0; b < B!; b++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++)
        for (let n = 0; n < N!; n++)
          for (let i = 0; i < kh!; i++)
            for (let j = 0; j < kw!; j++) {
              const [h, w] = [r * stride + i - top, c * stride + j - left];
              if (h < 0 || w < 0 || h >= H! || w >= W!) continue;
              for (let ch = 0; ch < C!; ch++)
                y[((b * rows + r) * columns + c) * N! + n]! +=
                  x[((b * H! + h) * W! + w) * C! + ch]! * k[((i * kw! + j) * C! + ch) * N! + n]!;
            }
  return { y, shape: [B!, rows, columns, N!] };
}

for (const [image, kernel] of [
  [
    [2, 5, 4, 3],
    [3, 3, 3, 2],
  ],
  [
    [1, 7, 6, 1],
    [2, 3, 1, 4],
  ],
  [
    [3, 4, 4, 2],
    [1, 1, 2, 3],
  ],
  [
    [1, 5, 5, 1],
    [5, 5, 1, 1],
  ],
] as const)
  for (const stride of [1, 2, 3])
    for (const padding of ['same', 'valid'] as const)
      test(`[${image}] with kernels [${kernel}], stride ${stride}, ${padding}`, () => {
        const g = createBuilder('float64');
        const [x, k] = [values(image), values(kernel)];
        const y = conv2d(g, g.input('x', image), g.input('k', kernel), { stride, padding });
        const wanted = looped(x, image, k, kernel, stride, padding);
        assert.deepEqual([...y.shape], wanted.shape);
        assert.equal(difference(evaluate([y], { x, k })[0]!, wanted.y, 1e-12), null);
      });

test('gradient and Hessian-vector product through strided convolution and pooling, against central differences', () => {
  const g = createBuilder('float64');
  const [image, kernel] = [
    [2, 6, 6, 2],
    [3, 3, 2, 3],
  ] as const;
  const [x, k] = [g.input('x', image), g.input('k', kernel)];
  const pooled = averagePool(g, g.tanh(conv2d(g, x, k, { stride: 1, padding: 'same' })), 2);
  const loss = g.sum(g.sin(globalAveragePool(g, g.square(pooled))));
  const inputs = [x, k];
  const direction = inputs.map(({ shape }) => values(shape));
  const grads = gradient(g, loss, inputs);
  const products = hessianVector(
    g,
    loss,
    inputs,
    direction.map((v, i) => g.constant(v, inputs[i]!.shape)),
  );
  const at = { x: values(image), k: values(kernel) };
  const moved = (h: number) => ({
    x: at.x.map((value, i) => value + h * direction[0]![i]!),
    k: at.k.map((value, i) => value + h * direction[1]![i]!),
  });
  const h = 1e-5;
  const slope = (evaluate([loss], moved(h))[0]![0]! - evaluate([loss], moved(-h))[0]![0]!) / (2 * h);
  let exact = 0;
  evaluate(grads, at).forEach((part, p) => part.forEach((value: number, i: number) => (exact += value * direction[p]![i]!)));
  assert.ok(Math.abs(slope - exact) < 1e-7 * Math.max(1, Math.abs(exact)), `${slope} against ${exact}`);
  const [after, before] = [evaluate(grads, moved(h)), evaluate(grads, moved(-h))];
  evaluate(products, at).forEach((product, p) => {
    const wanted = Float64Array.from(product, (_, i) => (after[p]![i]! - before[p]![i]!) / (2 * h));
    assert.equal(difference(product, wanted, 1e-6), null);
  });
});

for (const stride of [1, 2])
  for (const padding of ['same', 'valid'] as const)
    test(`stride ${stride}, ${padding}: simplification keeps both derivatives; what need not be folded is not`, () => {
      const g = createBuilder('float64');
      const inputs = [g.input('x', [2, 5, 4, 2]), g.input('k', [3, 2, 2, 3])];
      const loss = g.sum(g.sin(conv2d(g, inputs[0]!, inputs[1]!, { stride, padding })));
      const directions = inputs.map(({ shape }) => g.constant(values(shape), shape));
      const derivatives = [...gradient(g, loss, inputs), ...hessianVector(g, loss, inputs, directions)];
      const simple = simplify(g, derivatives);
      assert.equal(
        topologicalOrder(simple).some(({ op }) => op === 'fold'),
        stride > 1,
      );
      const at = { x: values([2, 5, 4, 2]), k: values([3, 2, 2, 3]) };
      const wanted = evaluate(derivatives, at);
      evaluate(simple, at).forEach((got, i) => assert.equal(difference(got, wanted[i]!, 1e-13), null));
    });

test('pooling of windows that overlap or leave pixels out, against loops', () => {
  for (const [size, stride] of [
    [3, 2],
    [2, 3],
    [3, 1],
    [2, 2],
  ] as const) {
    const g = createBuilder('float64');
    const shape = [2, 7, 8, 3] as const;
    const x = values(shape);
    const [largest, mean] = evaluate([maxPool(g, g.input('x', shape), size, stride), averagePool(g, g.input('x', shape), size, stride)], {
      x,
    });
    const [rows, columns] = [Math.floor((7 - size) / stride) + 1, Math.floor((8 - size) / stride) + 1];
    let at = 0;
    for (let b = 0; b < 2; b++)
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < columns; c++)
          for (let channel = 0; channel < 3; channel++, at++) {
            const under = Array.from({ length: size * size }, (_, place) => {
              const [h, w] = [r * stride + Math.floor(place / size), c * stride + (place % size)];
              return x[((b * 7 + h) * 8 + w) * 3 + channel]!;
            });
            assert.equal(largest![at], Math.max(...under));
            assert.ok(Math.abs(mean![at]! - under.reduce((sum, value) => sum + value) / under.length) < 1e-15 * 20);
          }
    assert.equal(largest!.length, at);
  }
});

test('pooling takes the largest and the mean of each window, and drops what does not fill one', () => {
  const g = createBuilder('float64');
  const x = g.input('x', [1, 3, 4, 1]);
  const feeds = { x: Float64Array.of(1, 5, 2, 0, 3, -1, 8, 8, 9, 9, 9, 9) };
  const [largest, mean, overlapping] = evaluate([maxPool(g, x, 2), averagePool(g, x, 2), maxPool(g, x, 2, 1)], feeds);
  assert.deepEqual([...largest!], [5, 8]);
  assert.deepEqual([...mean!], [2, 4.5]);
  assert.deepEqual([...overlapping!], [5, 8, 8, 9, 9, 9]);
});

test('the derivative of a maximum goes to the largest value alone', () => {
  const g = createBuilder('float64');
  const x = g.input('x', [1, 2, 2, 1]);
  const [d] = gradient(g, g.sum(maxPool(g, x, 2)), [x]);
  assert.deepEqual([...evaluate([d!], { x: Float64Array.of(1, 7, 2, 3) })[0]!], [0, 1, 0, 0]);
});

test('windows that do not fit and shapes that do not match are refused', () => {
  const g = createBuilder('float64');
  const x = g.input('x', [1, 3, 3, 2]);
  assert.throws(() => conv2d(g, x, g.input('a', [4, 4, 2, 1])), /a window of 4 with stride 1 must fit into 3 \(valid padding\)/);
  assert.throws(() => conv2d(g, x, g.input('b', [2, 2, 3, 1])), /got \[1,3,3,2\] and \[2,2,3,1\]/);
  assert.throws(() => windowsAlong(3, 2, { stride: 0 }), /stride 0/);
  assert.throws(() => maxPool(g, g.input('c', [1, 3]), 2), /got \[1,3\]/);
});
