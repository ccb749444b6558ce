/** @file Targets: which values a loss takes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, refused } from './question.fixture.ts';

test('targets are what the loss takes: signs, shares or any numbers', async () => {
  const targets = (loss: unknown, values: number[]) => (q: any) => Object.assign(q, { loss, targets: values.map((value) => [value]) });
  await refused(targets('hinge', [1, -1, 0, 1]), /^targets: must be -1 or 1 for hinge, got 0 at value 2$/);
  await refused(targets('logistic', [1, 0, -1, 1]), /^targets: must be numbers from 0 to 1 for logistic, got -1 at value 2$/);
  await refused(
    targets({ kind: 'logistic', coding: 'signs' }, [1, -1, -1, 0.5]),
    /^targets: must be -1 or 1 for logistic, got 0\.5 at value 3$/,
  );
  await refused(
    targets('binary_ce_logits', [1.5, 0, 0, 0]),
    /^targets: must be numbers from 0 to 1 for binary_ce_logits, got 1\.5 at value 0$/,
  );
  await refused(
    (q) => Object.assign(targets('hinge', [1, -1, -1, 1])(q), { held_out: { inputs: [[0, 0]], targets: [[3]] } }),
    /^held_out\.targets: must be -1 or 1 for hinge, got 3 at value 0$/,
  );
  for (const [loss, values] of [
    ['hinge', [1, -1, -1, 1]],
    ['logistic', [0, 1, 0.25, 1]],
    ['half_mse', [7, -3, 0, 1e6]],
  ] as const)
    assert.ok(Number.isFinite((await ask(targets(loss, [...values]))).loss));
});
