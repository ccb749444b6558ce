/** @file Planted faults turn the verdict of P5's claim that trains: another matrix in the place of the Gram matrix. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictOf } from '#core/papers/claim.ts';
import { fittingTime, judgeFitting } from '#core/papers/claims/fittingTime.ts';
import { fitting } from '#core/theory/fitting.ts';
import type { RunResult } from '#core/results.ts';
import { trainClaim } from '../trainClaim.ts';

test('fitting: reproduced as it stands; contradicted by another matrix, and by activations that change places', async () => {
  const runs = await trainClaim(fittingTime.specs('tiny', 1), fittingTime.metrics);
  assert.equal(verdictOf(judgeFitting(runs, 1)), 'reproduced');
  const points = Array.from({ length: 20 }, (_, i) => Float64Array.from({ length: 20 }, (_unused, j) => (i === j ? 1 : 0.5)));
  const slow = () => fitting(points, points, new Float64Array(20).fill(1), 0.05);
  assert.equal(verdictOf(judgeFitting(runs, 1, slow)), 'contradicted');
  const others: Record<string, string> = { relu: 'tanh', tanh: 'relu' };
  const swapped = runs.map((run): RunResult => {
    const kind = others[run.spec.activation.kind] ?? run.spec.activation.kind;
    return { ...run, spec: { ...run.spec, activation: { kind } } };
  });
  assert.equal(verdictOf(judgeFitting(swapped, 1)), 'contradicted');
  for (const landed of [0, 1, 5]) assert.equal(verdictOf(judgeFitting(runs.slice(0, landed), 1)), 'inconclusive');
});
