/** @file Planted faults turn the verdicts of P2's claims that train: a wrong exponent, momentum forgotten, rescaling along the wrong axis. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgedSoFar, verdictOf, type TrainedClaim } from '#core/papers/claim.ts';
import { convolutionalRescaling, judgeConvolutions } from '#core/papers/claims/convolutionalRescaling.ts';
import { decayEquilibrium, judgeEquilibrium } from '#core/papers/claims/decayEquilibrium.ts';
import { fewSamples, judgeFewSamples } from '#core/papers/claims/fewSamples.ts';
import { judgeMomentum, momentumRescaling } from '#core/papers/claims/momentumRescaling.ts';
import { judgeNoise, noiseOffSpan } from '#core/papers/claims/noiseOffSpan.ts';
import { equilibriumAngle, equilibriumNorm } from '#core/theory/equilibrium.ts';
import type { RunResult } from '#core/results.ts';
import { trainClaim } from '../trainClaim.ts';

const trained = (claim: TrainedClaim, specs = claim.specs('tiny', 1)) => trainClaim(specs, claim.metrics);

/** A regularizer that does nothing, as one in front of no layer: its runs are those without, of the same optimizer, seed and test inputs. */
const undone = (runs: readonly RunResult[], kind: string): RunResult[] =>
  runs.map((run) => {
    const { regularizer, optimizer, dataset, seed } = run.spec;
    if (regularizer.kind !== kind) return run;
    const alike = runs.filter(
      ({ spec }) =>
        spec.regularizer.kind === 'none' &&
        spec.optimizer.kind === optimizer.kind &&
        spec.seed === seed &&
        spec.dataset.shift === dataset.shift,
    );
    return { ...alike[0]!, spec: { ...alike[0]!.spec, regularizer, optimizer } };
  });

test('equilibrium: reproduced as it stands, contradicted by a wrong exponent and without the momentum', async () => {
  const runs = await trained(decayEquilibrium);
  const verdict = (laws: Parameters<typeof judgeEquilibrium>[2]) => verdictOf(judgeEquilibrium(runs, 1, laws));
  assert.equal(verdict({ angle: equilibriumAngle, norm: equilibriumNorm }), 'reproduced');
  assert.equal(verdict({ angle: (decay) => equilibriumAngle(decay) ** 2, norm: equilibriumNorm }), 'contradicted');
  assert.equal(verdict({ angle: (decay) => equilibriumAngle({ ...decay, momentum: 0 }), norm: equilibriumNorm }), 'contradicted');
  assert.equal(verdict({ angle: equilibriumAngle, norm: (decay, slope) => equilibriumNorm(decay, slope) ** 2 }), 'contradicted');
  assert.equal(verdictOf(judgeEquilibrium(runs.slice(0, 0), 1)), 'inconclusive');
  // one arm alone would be reproduced by itself: the claim waits for the other
  assert.equal(verdictOf(judgeEquilibrium(runs.slice(0, 1), 1)), 'reproduced');
  assert.equal(verdictOf(judgedSoFar(decayEquilibrium, runs.slice(0, 1), runs.length, 1)), 'inconclusive');
  assert.equal(verdictOf(judgedSoFar(decayEquilibrium, runs, runs.length, 1)), 'reproduced');
});

test('noise: a decay that forgets the learning rate, and rescaling that leaves the kernel in front of the inputs alone', async () => {
  const runs = await trained(noiseOffSpan);
  assert.equal(verdictOf(judgeNoise(runs, 1)), 'reproduced');
  assert.equal(verdictOf(judgeNoise(runs, 1, ({ decay }, steps) => (1 - decay) ** steps)), 'contradicted');
  assert.equal(verdictOf(judgeNoise(undone(runs, 'weightRescaling'), 1)), 'contradicted');
});

test('a part of the runs is judged too: inconclusive, and nothing is thrown', async () => {
  const runs = await trained(noiseOffSpan, noiseOffSpan.specs('tiny', 1).slice(0, 2));
  for (let landed = 0; landed <= runs.length; landed++) assert.equal(verdictOf(judgeNoise(runs.slice(0, landed), 1)), 'inconclusive');
});

test('convolutions: reproduced as they stand; contradicted by rescaling along the wrong axis and without the momentum', async () => {
  const specs = convolutionalRescaling.specs('tiny', 1);
  const runs = await trained(convolutionalRescaling);
  assert.equal(verdictOf(judgeConvolutions(runs, 1)), 'reproduced');
  assert.equal(verdictOf(judgeConvolutions(runs, 1, (decay) => equilibriumAngle({ ...decay, momentum: 0 }))), 'contradicted');
  const rescaled = specs.filter(({ regularizer }) => (regularizer as { kind: string }).kind === 'weightRescaling');
  const layers = await trained(
    convolutionalRescaling,
    rescaled.map((spec) => ({ ...spec, regularizer: { kind: 'weightRescaling', scope: 'layer' } })),
  );
  const others = runs.filter(({ spec }) => spec.regularizer.kind !== 'weightRescaling');
  assert.equal(verdictOf(judgeConvolutions([...others, ...layers], 1)), 'contradicted');
  for (const landed of [0, 1, 4]) assert.equal(verdictOf(judgeConvolutions(runs.slice(0, landed), 1)), 'inconclusive');
});

test('momentum: rescaling that does nothing takes no noise away, and one that spoils clean inputs is seen', async () => {
  const runs = await trained(momentumRescaling);
  assert.equal(verdictOf(judgeMomentum(runs, 1)), 'reproduced');
  assert.equal(verdictOf(judgeMomentum(undone(runs, 'weightRescaling'), 1)), 'contradicted');
  // accuracies on clean inputs are those off the span, and the other way around
  const exchanged = runs.map((run) => ({
    ...run,
    spec: { ...run.spec, dataset: { ...run.spec.dataset, shift: 1 - Number(run.spec.dataset.shift) } },
  }));
  assert.notEqual(verdictOf(judgeMomentum(exchanged, 1)), 'reproduced');
});

test('few samples: decay or rescaling that does nothing, and a decay strong enough to take the noise in place of the small one', async () => {
  const runs = await trained(fewSamples);
  assert.equal(verdictOf(judgeFewSamples(runs, 1)), 'reproduced');
  for (const kind of ['l2', 'weightRescaling']) assert.equal(verdictOf(judgeFewSamples(undone(runs, kind), 1)), 'contradicted', kind);
  assert.equal(verdictOf(judgeFewSamples(runs, 1, 'WD 3e-2')), 'contradicted');
});
