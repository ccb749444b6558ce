/** @file Cross-entropies keep their digits where examples are fitted: value, gradient and curvature against 1,500 bits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../catalog.ts';
import { createBuilder } from '../graph/builder.ts';
import { gradient } from '../graph/differentiate.ts';
import { evaluate } from '../graph/evaluate.ts';
import { trials, unitsAllowed, unitsOff } from './digits.fixture.ts';
import { losses } from './index.ts';

for (const trial of trials('float64'))
  test(`${trial.title}: value, gradient and products with the Hessian to ${unitsAllowed.float64} units of float64, up to 700 apart`, () => {
    const units = unitsOff(trial, evaluate(trial.outputs, trial.feeds), 2 ** -53);
    assert.ok(
      units.every((off) => off <= unitsAllowed.float64),
      units.join(', '),
    );
  });

test('an output that is infinite or not a number makes the loss of its example NaN, or infinite where it is wrong, and touches no other', () => {
  const values = [NaN, Infinity, -Infinity];
  const g = createBuilder('float64');
  const z = g.input('z', [5, 3]);
  const y = g.input('y', [5], 'int32');
  const each = losses.softmaxCrossEntropy.each(g, z, y, defaults('loss', 'softmaxCrossEntropy'));
  const feeds = {
    z: Float64Array.from([...values.flatMap((value) => [0, value, 1]), -Infinity, 0, 1, 0, 40, 1]),
    y: Int32Array.of(1, 1, 1, 1, 1),
  };
  const [loss, slope] = evaluate([each, gradient(g, g.sum(each), [z])[0]!], feeds);
  assert.deepEqual([...loss!.subarray(0, 4)], [NaN, NaN, Infinity, NaN]);
  assert.ok(Math.abs(loss![4]! / (Math.exp(-40) + Math.exp(-39)) - 1) < 1e-14);
  assert.ok(slope!.subarray(12).every((value) => Number.isFinite(value) && value !== 0));
  const h = createBuilder('float64');
  const [one, wanted] = [h.input('z', [7, 1]), h.input('y', [7, 1])];
  const binary = losses.logistic.each(h, one, wanted, defaults('loss', 'logistic'));
  const [found] = evaluate([binary], {
    z: Float64Array.of(NaN, Infinity, -Infinity, Infinity, -Infinity, 40, -40),
    y: Float64Array.of(1, 1, 0, 0, 1, 1, 0),
  });
  assert.deepEqual([...found!.subarray(0, 5)], [NaN, NaN, NaN, Infinity, Infinity]);
  for (const value of found!.subarray(5)) assert.ok(Math.abs(value / Math.log1p(Math.exp(-40)) - 1) < 1e-14);
});
