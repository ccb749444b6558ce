/** @file Planted faults turn the verdicts of P2's simulated claims: the checks can fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identities } from './claims/scaleInvariance.ts';
import { arms, noiseOverTime, type Arm } from './claims/spanNoise.ts';
import { verdictOf, type Finding, type Progress } from './claim.ts';

function verdict(work: Generator<Progress, Finding>): string {
  for (;;) {
    const { done, value } = work.next();
    if (done) return verdictOf(value);
  }
}
const named = (title: string): Arm => arms.find((arm) => arm.title === title)!;

test('identities: a readout is not scale-invariant', () => {
  const wrong = identities('tiny', 1, () => [{ name: 'readout.weight', filters: 4 }]);
  assert.equal(verdict(wrong), 'contradicted');
});

test('span: each arm by itself is reproduced, and contradicted by half or twice the exponent', () => {
  const decaying = named('SGD, WD 5e-2');
  assert.equal(verdict(noiseOverTime('tiny', 1, [decaying])), 'reproduced');
  for (const factor of [0.5, 2]) {
    const law = (steps: number) => (1 - 0.1 * 5e-2) ** (factor * steps);
    assert.equal(verdict(noiseOverTime('tiny', 1, [{ ...decaying, law }])), 'contradicted');
  }
});

test('span: rescaling whole layers is not rescaling filters, and a heavy ball does not decay like plain SGD', () => {
  const rescaling = named('SGD, WRS');
  assert.equal(verdict(noiseOverTime('tiny', 1, [rescaling])), 'reproduced');
  const layers = { ...rescaling, regularizer: { kind: 'weightRescaling', scope: 'layer' } };
  assert.equal(verdict(noiseOverTime('tiny', 1, [layers])), 'contradicted');
  const ball = { ...named('SGD with momentum, WD 5e-2'), law: (steps: number) => (1 - 0.02 * 5e-2) ** steps };
  assert.equal(verdict(noiseOverTime('tiny', 1, [ball])), 'contradicted');
});

test('span: Adam taken for a method that stays in the span, and SGD for one that leaves it', () => {
  assert.equal(verdict(noiseOverTime('tiny', 1, [{ ...named('Adam'), law: () => 1 }])), 'contradicted');
  assert.equal(verdict(noiseOverTime('tiny', 1, [{ ...named('SGD'), law: null }])), 'contradicted');
});
