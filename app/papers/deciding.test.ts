/** @file The number that decides. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Estimate } from '#core/papers/claim.ts';
import { agrees, decidingOf } from './deciding.ts';

const estimate = (name: string, low: number, high: number, window: [number, number]): Estimate => ({
  name,
  value: (low + high) / 2,
  interval: [low, high],
  predicted: 1,
  window,
});
const finding = (...estimates: Estimate[]) => ({ estimates, curves: [] });

test('one outside its window decides against all that agree', () => {
  const found = finding(estimate('inside', 0.9, 1.1, [0.5, 1.5]), estimate('outside', 2, 2.1, [0.5, 1.5]));
  assert.equal(decidingOf(found)?.name, 'outside');
  assert.equal(agrees(found.estimates[1]!), 'contradicted');
});

test('where all agree, the one that reaches least into its window decides, also beside a window without an end', () => {
  const found = finding(
    estimate('deep', 0.9, 1.1, [0, 2]),
    estimate('edge', 1.45, 1.65, [0.5, 1.5]),
    estimate('open', 30, 40, [20, Infinity]),
  );
  assert.equal(decidingOf(found)?.name, 'edge');
});

test('a number that is not known decides, and without numbers nothing does', () => {
  const found = finding(estimate('known', 0.9, 1.1, [0, 2]), estimate('unknown', NaN, NaN, [0, 2]));
  assert.equal(decidingOf(found)?.name, 'unknown');
  assert.equal(decidingOf(finding()), null);
});

test('of exact numbers the one nearest to an end of its window decides', () => {
  const found = finding(estimate('middle', 1, 1, [0, 2]), estimate('near', 1.9, 1.9, [0, 2]));
  assert.equal(decidingOf(found)?.name, 'near');
});
