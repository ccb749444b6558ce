/** @file Planted faults in what the claims of integrable parameterizations train turn their verdicts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictOf, type TrainedClaim } from '#core/papers/claim.ts';
import { stationaryStart } from '#core/papers/claims/stationaryStart.ts';
import { variantsStandStill } from '#core/papers/claims/variantsStandStill.ts';
import { trainClaim } from '../trainClaim.ts';

/** The tiny recipe with something else in it. */
async function verdictWith(claim: TrainedClaim, changes: object) {
  const runs = await trainClaim(
    claim.specs('tiny', 1).map((spec) => ({ ...spec, ...changes })),
    claim.metrics,
  );
  assert.ok(
    runs.every(({ status }) => status !== 'crashed'),
    runs.find(({ reason }) => reason)?.reason,
  );
  return verdictOf(claim.judge(runs, 1));
}

const integrableAtFixedRates = { aInput: 0, aHidden: 1, aOutput: 1, bInput: 0, bHidden: 0, bOutput: 0, cInput: 0, cHidden: 0, cOutput: 0 };

test('stationary start: muP learns at every depth, fixed rates at none; either in place of the integrable rates turns the verdict', async () => {
  assert.equal(await verdictWith(stationaryStart, { parameterization: 'muP' }), 'contradicted');
  assert.equal(await verdictWith(stationaryStart, { parameterization: { kind: 'abc', ...integrableAtFixedRates } }), 'contradicted');
});

test('variants: muP or the standard parameterization in their place turn the verdict', async () => {
  const said = variantsStandStill.specs('tiny', 1);
  for (const parameterization of ['muP', 'standard']) {
    const runs = await trainClaim(
      said.map((spec) => ({ ...spec, parameterization })),
      variantsStandStill.metrics,
    );
    const judged = runs.map((run, i) => ({
      ...run,
      spec: { ...run.spec, parameterization: { kind: said[i]!.parameterization as string } },
    }));
    assert.equal(verdictOf(variantsStandStill.judge(judged, 1)), 'contradicted', parameterization);
  }
});

test('runs that have not ended, or one seed alone, leave a verdict open', async () => {
  const runs = await trainClaim(stationaryStart.specs('tiny', 1), stationaryStart.metrics);
  assert.equal(verdictOf(stationaryStart.judge(runs, 1)), 'reproduced');
  const going = runs.map((run, i) => (i === 0 ? { ...run, status: 'running' as const } : run));
  for (const some of [runs.slice(0, 1), runs.slice(1), going]) assert.equal(verdictOf(stationaryStart.judge(some, 1)), 'inconclusive');
  assert.ok(stationaryStart.judge(going, 1).curves[0]!.points.length > 1);
});
