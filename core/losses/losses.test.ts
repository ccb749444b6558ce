/** @file Every loss against a loop over its examples. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBuilder } from '../graph/builder.ts';
import { evaluate } from '../graph/evaluate.ts';
import { rng } from '../rng.ts';
import { losses } from './index.ts';

const [batch, classes] = [6, 4];
const random = rng(5, 'test');
const outputs = Float64Array.from({ length: batch * classes }, () => 3 * random.normal());
const labels = Int32Array.from({ length: batch }, () => random.integer(classes));
const row = (b: number) => outputs.subarray(b * classes, (b + 1) * classes);

const byHand: Record<string, (b: number) => number> = {
  softmaxCrossEntropy: (b) => Math.log(row(b).reduce((sum, z) => sum + Math.exp(z), 0)) - row(b)[labels[b]!]!,
  meanSquaredError: (b) => 0.5 * row(b).reduce((sum, z, k) => sum + (z - (k === labels[b] ? 1 : 0)) ** 2, 0),
};

function each(name: keyof typeof losses, values: Float64Array): Float64Array {
  const g = createBuilder('float64');
  const node = losses[name].each(g, g.input('z', [batch, classes]), g.input('y', [batch], 'int32'), { kind: name });
  return evaluate([node], { z: values, y: labels })[0] as Float64Array;
}

for (const name of Object.keys(losses) as (keyof typeof losses)[])
  test(`${name} of each example equals the loop to 1e-13`, () => {
    each(name, outputs).forEach((value, b) =>
      assert.ok(Math.abs(value - byHand[name]!(b)) < 1e-13 * Math.max(1, Math.abs(value)), `example ${b}`),
    );
  });

test('cross-entropy of outputs that are far apart neither overflows nor loses the large loss', () => {
  const far = new Float64Array(batch * classes);
  far[labels[0] === 0 ? 1 : 0] = 2000;
  assert.equal(each('softmaxCrossEntropy', far)[0], 2000);
});

test('mean squared error takes float targets as they are', () => {
  const g = createBuilder('float64');
  const node = losses.meanSquaredError.each(g, g.input('z', [2, 1]), g.input('y', [2, 1]), { kind: 'meanSquaredError' });
  assert.deepEqual(Array.from(evaluate([node], { z: Float64Array.of(1, 5), y: Float64Array.of(3, 5) })[0]!), [2, 0]);
});
