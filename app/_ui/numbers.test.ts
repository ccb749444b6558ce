/** @file Numbers as an article writes them. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { say, sayInterval, sayWindow } from './numbers.ts';

test('four digits, without zeros that say nothing', () => {
  assert.equal(say(0.50004), '0.5');
  assert.equal(say(-0.45072), '−0.4507');
  assert.equal(say(12345.6), '12,350');
  assert.equal(say(0), '0');
});

test('powers of ten where zeros would be counted', () => {
  assert.equal(say(1.3249e8), '1.325·10⁸');
  assert.equal(say(1e-12), '10⁻¹²');
  assert.equal(say(-2.5e-4), '−2.5·10⁻⁴');
  assert.equal(say(99999.6), '10⁵');
});

test('what is no number is said in words, and ends at infinity as bounds', () => {
  assert.equal(say(NaN), 'not known');
  assert.equal(say(-Infinity), '−∞');
  assert.equal(sayWindow([20, Infinity]), 'at least 20');
  assert.equal(sayWindow([-Infinity, 0.1]), 'at most 0.1');
  assert.equal(sayInterval([NaN, NaN]), 'interval not known yet');
  assert.equal(sayInterval([2, 2]), 'exact, no draws');
});
