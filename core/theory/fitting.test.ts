/** @file The loss of a wide network's fit against residuals that are stepped one by one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { dualKernels } from './dualKernels.ts';
import { fitting } from './fitting.ts';
import { gramOfHidden, halfCircle } from './gramLaws.ts';

test('the loss is that of stepped residuals, in the mean over outputs of the given covariance', () => {
  const n = 6;
  const { slope } = dualKernels.relu();
  const gram = gramOfHidden(halfCircle(n), slope);
  const random = rng(1, 'test');
  const targets = Float64Array.from({ length: n }, () => random.rademacher());
  // outputs a factor matrix makes from standard normals: their covariance is A Aᵀ
  const factor = Array.from({ length: n }, () => Float64Array.from({ length: n }, () => random.normal() / 2));
  const outputs = factor.map((row) => Float64Array.from(factor, (other) => row.reduce((sum, value, k) => sum + value * other[k]!, 0)));
  const predicted = fitting(gram, outputs, targets);
  const steps = 7;
  const fit = (start: Float64Array): number => {
    let r = start;
    for (let t = 0; t < steps; t++)
      r = r.map((value, i) => value - (predicted.fastest / n) * gram[i]!.reduce((sum, entry, j) => sum + entry * r[j]!, 0));
    return r.reduce((sum, value) => sum + value * value, 0) / (2 * n);
  };
  // the loss is quadratic in the outputs: its mean is that of the targets alone plus one term for each column of the factor
  const alone = fit(targets.map((y) => -y));
  const columns = factor.map((_, k) => fit(Float64Array.from(factor, (row) => row[k]!)));
  const want = alone + columns.reduce((sum, value) => sum + value, 0);
  assert.ok(Math.abs(predicted.loss(steps) / want - 1) < 1e-10, `${predicted.loss(steps)}, not ${want}`);
});

test('without a step the loss is half the mean square; the slowest component sets the tail', () => {
  const gram = gramOfHidden(halfCircle(8), dualKernels.erf().slope);
  const nothing = gram.map((row) => row.map(() => 0));
  const { loss } = fitting(gram, nothing, new Float64Array(8).fill(1));
  assert.ok(Math.abs(loss(0) - 0.5) < 1e-12);
  assert.ok(loss(10) < loss(1) && loss(1) < loss(0));
});
