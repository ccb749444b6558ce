/** @file Every loss, value and gradient, against a loop over its examples. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../catalog.ts';
import { createBuilder } from '../graph/builder.ts';
import { gradient } from '../graph/differentiate.ts';
import { evaluate } from '../graph/evaluate.ts';
import { difference } from '../graph/testing.ts';
import { rng } from '../rng.ts';
import { losses } from './index.ts';

type Name = keyof typeof losses;
const [batch, classes] = [6, 4];
const random = rng(5, 'test');
const outputs = Float64Array.from({ length: batch * classes }, () => 3 * random.normal());
const labels = Int32Array.from({ length: batch }, () => random.integer(classes));
const sides = Float64Array.from({ length: batch * classes }, () => random.rademacher());

type ByHand = (z: Float64Array, y: number, sides: Float64Array) => number;
const logSum = (z: Float64Array) => Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0));
const others = (z: Float64Array, y: number) => [...z].filter((_, k) => k !== y);
const logistic: ByHand = (z, y) => z.reduce((sum, value, k) => sum + Math.log1p(Math.exp(value)) - (k === y ? value : 0), 0);

/** [options, targets, loss of one example]. */
const known: Record<Name, readonly (readonly [object, 'labels' | 'values', ByHand])[]> = {
  softmaxCrossEntropy: [
    [{}, 'labels', (z, y) => logSum(z) - z[y]!],
    [
      { smoothing: 0.1 },
      'labels',
      (z, y) => z.reduce((sum, value, k) => sum + (0.1 / classes + (k === y ? 0.9 : 0)) * (logSum(z) - value), 0),
    ],
  ],
  meanSquaredError: [
    [{}, 'labels', (z, y) => 0.5 * z.reduce((sum, value, k) => sum + (value - (k === y ? 1 : 0)) ** 2, 0)],
    [{}, 'values', (z, _, t) => 0.5 * z.reduce((sum, value, k) => sum + (value - t[k]!) ** 2, 0)],
  ],
  logistic: [
    [{}, 'labels', logistic],
    [{}, 'values', (z, _, t) => z.reduce((sum, value, k) => sum + Math.log1p(Math.exp(value)) - t[k]! * value, 0)],
    [{ coding: 'signs' }, 'values', (z, _, t) => z.reduce((sum, value, k) => sum + Math.log1p(Math.exp(-t[k]! * value)), 0)],
    [{ coding: 'signs' }, 'labels', logistic],
  ],
  hinge: [
    [{}, 'labels', (z, y) => Math.max(0, 1 + Math.max(...others(z, y)) - z[y]!)],
    [{ margin: 0.3 }, 'values', (z, _, t) => z.reduce((sum, value, k) => sum + Math.max(0, 0.3 - t[k]! * value), 0)],
  ],
  unhinged: [[{}, 'labels', (z, y) => others(z, y).reduce((sum, value) => sum + value, 0) / (classes - 1) - z[y]!]],
};

function each(name: Name, options: object, targets: 'labels' | 'values', values: Float64Array): readonly Float64Array[] {
  const g = createBuilder('float64');
  const z = g.input('z', [batch, classes]);
  const y = targets === 'labels' ? g.input('y', [batch], 'int32') : g.input('y', [batch, classes]);
  const node = losses[name].each(g, z, y, { ...defaults('loss', name), ...options });
  const [slope] = gradient(g, g.sum(node), [z]);
  return evaluate([node, slope!], { z: values, y: targets === 'labels' ? labels : sides }) as Float64Array[];
}

for (const [name, forms] of Object.entries(known) as [Name, (typeof known)[Name]][])
  for (const [options, targets, byHand] of forms) {
    const example = (values: Float64Array, b: number) =>
      byHand(values.subarray(b * classes, (b + 1) * classes), labels[b]!, sides.subarray(b * classes, (b + 1) * classes));
    test(`${name} ${JSON.stringify(options)} of each example, ${targets}, equals the loop to 1e-13, its gradient differences to 1e-8`, () => {
      const [value, slope] = each(name, options, targets, outputs);
      const wanted = Float64Array.from({ length: batch }, (_, b) => example(outputs, b));
      assert.equal(difference(value!, wanted, 1e-13), null);
      const h = 1e-5;
      const differences = Float64Array.from(outputs, (_, i) => {
        const moved = (by: number) => outputs.map((z, j) => (j === i ? z + by : z));
        const b = Math.floor(i / classes);
        return (example(moved(h), b) - example(moved(-h), b)) / (2 * h);
      });
      assert.equal(difference(slope!, differences, 1e-8), null);
    });
  }

test('losses of outputs that are far apart neither overflow nor lose the large loss', () => {
  const far = new Float64Array(batch * classes);
  const wrong = labels[0] === 0 ? 1 : 0;
  far[wrong] = 2000;
  assert.equal(each('softmaxCrossEntropy', {}, 'labels', far)[0]![0], 2000);
  assert.equal(each('hinge', {}, 'labels', far)[0]![0], 2001);
  assert.ok(Math.abs(each('logistic', {}, 'labels', far)[0]![0]! - (2000 + 3 * Math.log(2))) < 1e-9);
  for (const [name, forms] of Object.entries(known) as [Name, (typeof known)[Name]][])
    for (const slope of each(name, forms[0]![0], 'labels', far)[1]!) assert.ok(Number.isFinite(slope), `${name}: ${slope}`);
});

test('one output and signs, the binary form: log(1 + e^(-yz)), max(0, m - yz) and ½(z - y)², far out too', () => {
  const z = Float64Array.of(-800, -2, -0.5, 0, 0.5, 1, 3, 800);
  for (const sign of [-1, 1])
    for (const [name, options, byHand] of [
      ['logistic', { coding: 'signs' }, (m: number) => Math.max(0, -m) + Math.log1p(Math.exp(-Math.abs(m)))],
      ['hinge', { margin: 1.5 }, (m: number) => Math.max(0, 1.5 - m)],
      ['meanSquaredError', {}, (m: number) => 0.5 * (1 - m) ** 2],
    ] as const) {
      const g = createBuilder('float64');
      const [outputs, targets] = [g.input('z', [z.length, 1]), g.input('y', [z.length, 1])];
      const node = losses[name].each(g, outputs, targets, { ...defaults('loss', name), ...options });
      assert.deepEqual(node.shape, [z.length]);
      const [value, slope] = evaluate([node, gradient(g, g.sum(node), [outputs])[0]!], { z, y: z.map(() => sign) }) as Float64Array[];
      assert.equal(
        difference(
          value!,
          z.map((each) => byHand(sign * each)),
          1e-13,
        ),
        null,
        name,
      );
      const h = 1e-5;
      const differences = z.map((each) => (sign * (byHand(sign * each + h) - byHand(sign * each - h))) / (2 * h));
      assert.equal(difference(slope!, differences, 1e-5), null, name);
    }
});

test('NaN in the outputs of an example is a loss of NaN, and of that example alone', () => {
  const values = outputs.slice();
  values[1] = NaN;
  for (const name of Object.keys(losses) as Name[]) {
    const [value] = each(name, {}, 'labels', values);
    assert.ok(Number.isNaN(value![0]), name);
    assert.ok(value!.slice(1).every(Number.isFinite), name);
  }
});
