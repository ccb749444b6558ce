/** @file Tail indices against closed forms and Monte Carlo. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { contraction, stableDraw, stableIndex, tailExponent } from './heavyTails.ts';

test('E|1 - ηh|^α: exact moments of χ², and Monte Carlo where there is no closed form', () => {
  for (const [eta, batch] of [
    [0.8, 1],
    [0.3, 5],
    [1.2, 20],
  ] as const)
    // prettier-ignore
    // E h = 1, E h² = 1 + 2/b
    assert.ok(Math.abs(contraction(eta, batch, 2) - (1 - 2 * eta + eta ** 2 * (1 + 2 / batch))) < 1e-6, `${eta}, ${batch}`);
  const random = rng(3, 'test');
  let sum = 0;
  const n = 200_000;
  for (let i = 0; i < n; i++) sum += Math.abs(1 - 0.8 * random.normal() ** 2) ** 1.54 / n;
  assert.ok(Math.abs(sum - contraction(0.8, 1, 1.54)) < 0.03, `${sum}`); // five standard errors
});

test('the exponent: 2 exactly where the second moment is 1, and the published toy values', () => {
  for (const batch of [1, 4, 10]) assert.ok(Math.abs(tailExponent(2 / (1 + 2 / batch), batch) - 2) < 1e-4, `${batch}`);
  for (const [eta, alpha] of [
    [0.7, 1.87],
    [0.8, 1.54],
    [1, 1.09],
  ] as const)
    // prettier-ignore
    assert.ok(Math.abs(tailExponent(eta, 1) - alpha) < 0.01, `${eta}: ${tailExponent(eta, 1)}`);
  assert.ok(Number.isNaN(tailExponent(6, 1)), 'a recursion that runs away has none');
});

test('the estimator finds the index of stable draws', () => {
  for (const alpha of [1, 1.5, 2]) {
    const random = rng(7, 'test', 10 * alpha);
    const draws = Float64Array.from({ length: 40_000 }, () => stableDraw(random, alpha));
    assert.ok(Math.abs(stableIndex(draws, 100) - alpha) < 0.12, `${alpha}: ${stableIndex(draws, 100)}`);
  }
  // α = 2 is normal with variance 2, α = 1 has quartiles at ±1
  const random = rng(8, 'test');
  const normal = Array.from({ length: 20_000 }, () => stableDraw(random, 2));
  assert.ok(Math.abs(normal.reduce((sum, x) => sum + x * x, 0) / normal.length - 2) < 0.1);
  const cauchy = Array.from({ length: 20_000 }, () => Math.abs(stableDraw(random, 1))).sort((a, b) => a - b);
  assert.ok(Math.abs(cauchy[10_000]! - 1) < 0.06);
});
