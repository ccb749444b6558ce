/** @file Planted faults in what the claims of residual scaling train turn their verdicts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smoothnessStays } from '#core/papers/claims/smoothnessStays.ts';
import { trainedPlane } from '#core/papers/claims/trainedPlane.ts';
import { verdictWith, type Recipe } from './faults.fixture.ts';

const independent = () => ({ init: { kind: 'smooth', law: 'independent' } });

test('trained plane: independent weights everywhere, and branches that are not scaled, turn the verdict', async () => {
  assert.equal(await verdictWith(trainedPlane, independent), 'contradicted');
  const unscaled = ({ network }: Recipe) => ({ network: { ...(network as object), beta: 0 } });
  assert.equal(await verdictWith(trainedPlane, unscaled), 'contradicted');
});

test('smoothness: rough weights called smooth, and noise added while training, turn the verdict', async () => {
  assert.equal(await verdictWith(smoothnessStays, independent), 'contradicted');
  const noisy = { kind: 'sgld', learningRate: 1e-3, temperature: 1 };
  assert.equal(await verdictWith(smoothnessStays, () => ({ optimizer: noisy })), 'contradicted');
});
