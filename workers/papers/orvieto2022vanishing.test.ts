/** @file Planted faults turn the verdicts of P1's claims that train. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictOf, type TrainedClaim } from '#core/papers/claim.ts';
import { narrowNetworks } from '#core/papers/claims/narrowNetworks.ts';
import { normalizationExplodes } from '#core/papers/claims/normalizationExplodes.ts';
import { normalizationRescues } from '#core/papers/claims/normalizationRescues.ts';
import { residualsRescue } from '#core/papers/claims/residualsRescue.ts';
import { widthRescues } from '#core/papers/claims/widthRescues.ts';
import { trainClaim } from '../trainClaim.ts';
import { verdictWith } from './faults.fixture.ts';

type Changed = Readonly<Record<string, Record<string, unknown>>>;

async function contradicted(claim: TrainedClaim, change: (spec: Changed) => object): Promise<void> {
  const specs = claim.specs('tiny', 1).map((spec) => change(spec as Changed));
  assert.equal(verdictOf(claim.judge(await trainClaim(specs, claim.metrics), 1)), 'contradicted');
}

test('narrow networks: an Adam whose steps shrink to nothing', () =>
  contradicted(narrowNetworks, (spec) => ({
    ...spec,
    steps: 20,
    optimizer: spec.optimizer!.kind === 'adam' ? { ...spec.optimizer, epsilon: 1 } : spec.optimizer,
  })));

test('width: data that nobody can fit', () =>
  contradicted(widthRescues, (spec) => ({ ...spec, steps: 40, dataset: { ...spec.dataset, radius: 0 } })));

test('residuals: stopped before they have learned', () => contradicted(residualsRescue, (spec) => ({ ...spec, steps: 5 })));

test('normalization: without it nothing explodes', () =>
  contradicted(normalizationExplodes, (spec) => ({ ...spec, network: { ...spec.network, normalization: 'none' } })));

test('normalization as a remedy: contradicted; with residual connections beside it, it would be reproduced', async () => {
  assert.equal(await verdictWith(normalizationRescues, () => ({})), 'contradicted');
  const residual = { kind: 'resnet', depth: 48, width: 8, branch: 'res3', beta: 0.5 };
  assert.equal(await verdictWith(normalizationRescues, () => ({ network: residual, init: 'lecun' })), 'reproduced');
});
