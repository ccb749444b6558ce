/** @file The blocks of the Hessian against second differences of the loss. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../../rng.ts';
import { blockNorms, denseHessian, drawNetwork, outputOf, relativeGradients, type DrawnNetwork } from './hessianBlocks.ts';

const lossAt = (network: DrawnNetwork, changes: readonly (readonly [parameter: number, by: number])[]): number => {
  const kernels = network.kernels.map((kernel) => kernel.slice());
  for (const [parameter, by] of changes) {
    let at = parameter;
    for (const kernel of kernels) {
      if (at >= 0 && at < kernel.length) kernel[at]! += by;
      at -= kernel.length;
    }
  }
  return 0.5 * (outputOf({ ...network, kernels }) - 1) ** 2;
};

for (const relu of [false, true])
  test(`the Hessian of a ${relu ? 'ReLU' : 'linear'} network is that of second differences, and block by block`, () => {
    const [width, depth, h] = [3, 3, 1e-4];
    const network = drawNetwork(rng(4, 'test'), width, depth, relu);
    assert.notEqual(outputOf(network), 0);
    const { matrix, size } = denseHessian(network);
    const sums = Array.from({ length: depth + 1 }, () => new Float64Array(depth + 1));
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        const at = (a: number, b: number) => lossAt(network, [[i, a * h], [j, b * h]]); // prettier-ignore
        const want = (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / (4 * h * h);
        assert.ok(
          Math.abs(matrix[i * size + j]! - want) < 1e-6 * (1 + Math.abs(want)),
          `${i}, ${j}: ${matrix[i * size + j]} against ${want}`,
        );
        const of = (parameter: number) => Math.floor(parameter / (width * width));
        sums[of(i)]![of(j)]! += want ** 2;
      }
    const { diagonal, beside } = blockNorms(network)!;
    diagonal.forEach((norm, k) => assert.ok(Math.abs(norm - Math.sqrt(sums[k]![k]!)) < 1e-5 * (1 + norm), `block ${k}`));
    let at = 0;
    for (let k = 0; k <= depth; k++)
      for (let l = k + 1; l <= depth; l++) {
        const norm = beside[at++]!;
        assert.ok(
          Math.abs(norm - Math.sqrt(sums[k]![l]!)) < 1e-5 * (1 + norm),
          `block ${k}, ${l}: ${norm} against ${Math.sqrt(sums[k]![l]!)}`,
        );
      }
  });

test('gradients over weights are those of central differences', () => {
  const network = drawNetwork(rng(7, 'test'), 4, 3, true);
  assert.notEqual(outputOf(network), 0);
  const step = 1e-6;
  const moved = (k: number, at: number, by: number) =>
    outputOf({ ...network, kernels: network.kernels.map((kernel, l) => (l === k ? kernel.with(at, kernel[at]! + by) : kernel)) });
  relativeGradients(network).forEach((found, k) => {
    const kernel = network.kernels[k]!;
    const slopes = kernel.map((_, at) => (moved(k, at, step) - moved(k, at, -step)) / (2 * step));
    const want = Math.hypot(...slopes) / Math.hypot(...kernel);
    assert.ok(Math.abs(found - want) < 1e-7 * (1 + want), `kernel ${k}: ${found} against ${want}`);
  });
});
