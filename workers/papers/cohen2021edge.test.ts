/** @file Planted faults turn the verdict of the edge of stability. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictOf } from '#core/papers/claim.ts';
import { edgeOfStability } from '#core/papers/claims/edgeOfStability.ts';
import { trainClaim } from '../trainClaim.ts';

test('edge: heavy ball has another one, 2(1 + β)/η', async () => {
  const specs = edgeOfStability.specs('tiny', 1).slice(1, 3) as readonly Readonly<Record<string, object>>[];
  const changed = specs.map((spec) => ({ ...spec, optimizer: { ...spec.optimizer, kind: 'momentum', momentum: 0.5 } }));
  const found = edgeOfStability.judge(await trainClaim(changed, edgeOfStability.metrics), 1);
  assert.equal(verdictOf({ ...found, estimates: found.estimates.slice(0, 1) }), 'contradicted', JSON.stringify(found.estimates));
});
