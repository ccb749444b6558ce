/** @file Planted faults in what the claims of residual scaling train turn their verdicts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictOf, type TrainedClaim } from '#core/papers/claim.ts';
import { smoothnessStays } from '#core/papers/claims/smoothnessStays.ts';
import { trainedPlane } from '#core/papers/claims/trainedPlane.ts';
import type { RunResult } from '#core/results.ts';
import type { Spec } from '#core/spec.ts';
import { trainClaim } from '../trainClaim.ts';

type Recipe = Readonly<Record<string, unknown>>;

/** The tiny recipe trained with something else in its specs, and judged as if it were not there. */
async function verdictWith(claim: TrainedClaim, change: (recipe: Recipe) => Recipe) {
  const recipes = claim.specs('tiny', 1);
  const runs = await trainClaim(
    recipes.map((recipe) => ({ ...recipe, ...change(recipe) })),
    claim.metrics,
  );
  assert.ok(
    runs.every(({ status }) => status !== 'crashed'),
    runs.find(({ reason }) => reason)?.reason,
  );
  const said = runs.map((run, i): RunResult => ({ ...run, spec: { ...run.spec, ...(recipes[i] as object as Partial<Spec>) } }));
  return verdictOf(claim.judge(said, 1));
}

test('trained plane: independent weights everywhere, and branches that are not scaled, turn the verdict', async () => {
  assert.equal(await verdictWith(trainedPlane, () => ({ init: { kind: 'smooth', law: 'independent' } })), 'contradicted');
  const unscaled = ({ network }: Recipe) => ({ network: { ...(network as object), beta: 0 } });
  assert.equal(await verdictWith(trainedPlane, unscaled), 'contradicted');
});

test('smoothness: rough weights called smooth, and noise added while training, turn the verdict', async () => {
  assert.equal(await verdictWith(smoothnessStays, () => ({ init: { kind: 'smooth', law: 'independent' } })), 'contradicted');
  const noisy = { kind: 'sgld', learningRate: 1e-3, temperature: 1 };
  assert.equal(await verdictWith(smoothnessStays, () => ({ optimizer: noisy })), 'contradicted');
});
