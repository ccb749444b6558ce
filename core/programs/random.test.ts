/** @file Rows of random numbers: the same however steps are cut into calls, with the moments they should have. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { createBuilder } from '../graph/builder.ts';
import { createRandomRows, randomValues } from './random.ts';

function asked(precision: 'float32' | 'float64') {
  const random = createRandomRows(createBuilder(precision));
  random.ask('normal', [3, 5]);
  random.ask(0.7, [4, 4]);
  random.ask('normal', [3, 5]);
  random.ask('uniform', [3, 3]);
  return random.rows;
}

test('steps may be cut into calls as one likes, and every row, step and seed has numbers of its own', () => {
  const rows = asked('float64');
  const whole = randomValues(rows, 3, 0, 6);
  for (const { name, input } of rows) {
    const size = input.shape[0]! * input.shape[1]!;
    const parts = [0, 1, 4].map((first, i) => randomValues(rows, 3, first, [1, 3, 2][i]!)[name]!);
    assert.deepEqual(
      parts.flatMap((values) => [...values]),
      [...whole[name]!],
    );
    assert.notDeepEqual(whole[name]!.slice(0, size), whole[name]!.slice(size, 2 * size));
    assert.notDeepEqual(randomValues(rows, 4, 0, 6)[name], whole[name]);
  }
  assert.notDeepEqual(whole['random/0'], whole['random/2']);
});

test('float32 rows are the float64 ones, rounded', () => {
  const [single, double] = [randomValues(asked('float32'), 3, 2, 2), randomValues(asked('float64'), 3, 2, 2)];
  for (const [name, values] of Object.entries(single)) assert.deepEqual(values, Float32Array.from(double[name]!));
});

test('uniform rows are in [0, 1), of 24 bits, so that both precisions draw the same; moments are within five standard errors', () => {
  const [single, double] = (['float32', 'float64'] as const).map((precision) => {
    const random = createRandomRows(createBuilder(precision));
    random.ask('uniform', [100_001]);
    return randomValues(random.rows, 1, 0, 1)['random/0']!;
  });
  assert.deepEqual([...single!], [...double!]);
  assert.ok(double!.every((value) => value >= 0 && value < 1 && Number.isInteger(value * 2 ** 24)));
  const mean = (power: number) => [...double!].reduce((sum, value) => sum + value ** power / 100_001, 0);
  for (const power of [1, 2, 5]) {
    const deviation = Math.sqrt(1 / (2 * power + 1) - 1 / (power + 1) ** 2);
    assert.ok(Math.abs(mean(power) - 1 / (power + 1)) < (5 * deviation) / Math.sqrt(100_001), `moment ${power}: ${mean(power)}`);
  }
});

test('moments of normal rows, and the share kept by a mask, are within five standard errors', () => {
  const random = createRandomRows(createBuilder('float64'));
  random.ask('normal', [300_001]);
  random.ask(0.9, [300_001]);
  const { 'random/0': normal, 'random/1': mask } = randomValues(random.rows, 1, 0, 1);
  const n = 300_001;
  const moment = (power: number) => (normal as Float64Array).reduce((sum, z) => sum + z ** power / n, 0);
  for (const [power, want, deviation] of [
    [1, 0, 1],
    [2, 1, Math.sqrt(2)],
    [3, 0, Math.sqrt(15)],
    [4, 3, Math.sqrt(96)],
  ] as const)
    assert.ok(Math.abs(moment(power) - want) < (5 * deviation) / Math.sqrt(n), `moment ${power}: ${moment(power)}`);
  const pairs = (normal as Float64Array).reduce((sum, z, i, all) => sum + z * (all[i + 1] ?? 0), 0) / n;
  assert.ok(Math.abs(pairs) < 5 / Math.sqrt(n), 'neighbours are uncorrelated');
  const kept = (mask as Float64Array).reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0) / n;
  assert.ok(Math.abs(kept - 0.9) < 5 * Math.sqrt(0.09 / n), String(kept));
});
