/** @file Planted faults turn the verdicts of the smaller papers' claims that train. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictOf, type Finding, type TrainedClaim } from '#core/papers/claim.ts';
import { blockNormsAtStart } from '#core/papers/claims/blockNormsAtStart.ts';
import { familyDimension } from '#core/papers/claims/familyDimension.ts';
import { sampleVariance } from '#core/papers/claims/sampleVariance.ts';
import { trainClaim } from '../trainClaim.ts';

type Given = Readonly<Record<string, Record<string, unknown>>>;

async function changed(claim: TrainedClaim, change: (spec: Given) => object | null): Promise<Finding> {
  const specs = claim.specs('tiny', 1).flatMap((spec) => change(spec as Given) ?? []);
  return claim.judge(await trainClaim(specs, claim.metrics), 1);
}

test('family dimension: with biases it is another family', async () => {
  const found = await changed(familyDimension, (spec) => ({ ...spec, network: { ...spec.network, bias: true } }));
  assert.equal(verdictOf(found), 'contradicted');
});

test('sample variance: linear layers keep samples apart', async () => {
  const found = await changed(sampleVariance, (spec) => ({ ...spec, activation: 'linear', init: 'lecun' }));
  assert.equal(verdictOf(found), 'contradicted');
});

test('blocks at the start: linear layers have twice the factor of ReLU', async () => {
  const found = await changed(blockNormsAtStart, (spec) => ((spec.init as unknown) === 'he' ? { ...spec, activation: 'linear' } : null));
  assert.equal(verdictOf({ ...found, estimates: found.estimates.slice(0, 1) }), 'contradicted', JSON.stringify(found.estimates[0]));
});
