/** @file Statistics against published tables and definitions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interval95, mean, median, quantile, standardDeviation, standardError, studentQuantile975 } from './statistics.ts';

test('quantiles of Student’s t are those of the tables', () => {
  const table = { 1: 12.7062, 2: 4.30265, 3: 3.18245, 4: 2.77645, 5: 2.57058, 9: 2.26216, 10: 2.22814, 30: 2.04227, 120: 1.97993 };
  for (const [degrees, value] of Object.entries(table))
    assert.ok(Math.abs(studentQuantile975(Number(degrees)) - value) < 6e-6 * value, degrees);
});

test('mean, deviation, error and quantiles by hand', () => {
  const values = [2, 4, 4, 4, 5, 5, 7, 9];
  assert.equal(mean(values), 5);
  assert.ok(Math.abs(standardDeviation(values) - Math.sqrt(32 / 7)) < 1e-15);
  assert.ok(Math.abs(standardError(values) - Math.sqrt(32 / 7 / 8)) < 1e-15);
  assert.equal(median(values), 4.5);
  assert.equal(quantile([3, 1, 2], 0.25), 1.5);
});

test('three seeds: the interval is the textbook one, one seed has none', () => {
  const { low, high, n } = interval95([1, 2, 3]);
  assert.ok(Math.abs(high - (2 + 4.302652729911275 / Math.sqrt(3))) < 1e-9 && Math.abs(low + high - 4) < 1e-12);
  assert.equal(n, 3);
  assert.ok(Number.isNaN(interval95([5]).low));
});

test('NaN and infinity are kept, nothing is dropped', () => {
  assert.ok(Number.isNaN(mean([1, NaN])));
  assert.ok(Number.isNaN(median([1, NaN, 3])));
  assert.equal(mean([1, Infinity]), Infinity);
  assert.throws(() => mean([]), /at least one value/);
  assert.throws(() => quantile([1], 2), /from 0 to 1, got 2/);
});
