/** @file Planted faults in what the claims of integrable parameterizations train turn their verdicts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictOf } from '#core/papers/claim.ts';
import { activationDecides } from '#core/papers/claims/activationDecides.ts';
import { stationaryStart } from '#core/papers/claims/stationaryStart.ts';
import { variantsStandStill } from '#core/papers/claims/variantsStandStill.ts';
import { trainClaim } from '../trainClaim.ts';
import { verdictWith, type Recipe } from './faults.fixture.ts';

const integrableAtFixedRates = { aInput: 0, aHidden: 1, aOutput: 1, bInput: 0, bHidden: 0, bOutput: 0, cInput: 0, cHidden: 0, cOutput: 0 };

test('stationary start: muP learns at every depth, fixed rates at none; either in place of the integrable rates turns the verdict', async () => {
  assert.equal(await verdictWith(stationaryStart, () => ({ parameterization: 'muP' })), 'contradicted');
  const fixed = { parameterization: { kind: 'abc', ...integrableAtFixedRates } };
  assert.equal(await verdictWith(stationaryStart, () => fixed), 'contradicted');
});

test('activation: rates that are not calibrated, and one activation taken for another, turn the verdict', async () => {
  const plain = ({ parameterization }: Recipe) => ({ parameterization: parameterization === 'muP' ? 'muP' : 'ipLlr' });
  assert.equal(await verdictWith(activationDecides, plain), 'contradicted');
  assert.equal(await verdictWith(activationDecides, () => ({ activation: 'relu', init: 'he' })), 'contradicted');
  assert.equal(await verdictWith(activationDecides, () => ({ activation: 'elu', init: 'lecun' })), 'contradicted');
});

test('variants: muP or the standard parameterization in their place turn the verdict', async () => {
  for (const parameterization of ['muP', 'standard'])
    assert.equal(await verdictWith(variantsStandStill, () => ({ parameterization })), 'contradicted', parameterization);
});

test('runs that have not ended, or one seed alone, leave a verdict open', async () => {
  const runs = await trainClaim(stationaryStart.specs('tiny', 1), stationaryStart.metrics);
  assert.equal(verdictOf(stationaryStart.judge(runs, 1)), 'reproduced');
  const going = runs.map((run, i) => (i === 0 ? { ...run, status: 'running' as const } : run));
  for (const some of [runs.slice(0, 1), runs.slice(1), going]) assert.equal(verdictOf(stationaryStart.judge(some, 1)), 'inconclusive');
  assert.ok(stationaryStart.judge(going, 1).curves[0]!.points.length > 1);
});
