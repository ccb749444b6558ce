/** @file What runs do not meet of the assumptions, where only some options of an entry break them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entry } from '../catalog.ts';
import { planRun } from '../programs/plan.ts';
import { measured, open } from '../programs/samples.fixture.ts';
import { openSteps } from '../programs/steps.fixture.ts';
import { parseSpec } from '../spec.ts';
import { predictions } from './index.ts';
import { stabilityOf } from './stabilityBound.ts';

const planned = (changes: object) => {
  const spec = parseSpec(changes);
  const { sizes, targets } = entry('dataset', spec.dataset.kind);
  return planRun(spec, { ...sizes(spec.dataset)!, targets });
};

test('a frozen first layer keeps its noise under decay, and landmarks are data: nothing is said of them', () => {
  const frozen = {
    network: { kind: 'twoLayer', width: 6, trained: 'readout' },
    regularizer: { kind: 'l2', coefficient: 0.3 },
    dataset: { kind: 'lowRank', rank: 4, inputs: 12, train: 60, heldOut: 10 },
    batchSize: 20,
    runtime: { precision: 'float64' },
  };
  const opened = open(parseSpec(frozen));
  const steps = openSteps(parseSpec(frozen));
  steps.step();
  const after = measured(opened, steps.step().next).metrics.weightNoiseNorm![0]!;
  assert.equal(after, measured(opened, opened.initial).metrics.weightNoiseNorm![0]);
  assert.match(predictions.noiseDecay.unmet(opened.plan).join(), /needs a first layer that is trained, this one is frozen/);
  const network = { kind: 'nystrom', landmarks: 8 };
  assert.deepEqual(predictions.initialKurtosis.expect(planned({ network, init: 'he' }), 0, null)!.value, [NaN, 3]);
});

test('no bound on the sharpness where layers have rates of their own, no norm between rescalings of a longer period', () => {
  const full = { optimizer: 'gradientDescent' };
  assert.deepEqual(predictions.stabilityBound.unmet(planned(full)), []);
  assert.match(predictions.stabilityBound.unmet(planned({ ...full, parameterization: 'muP' })).join(), /the run has muP/);
  const normalized = { ...full, network: { kind: 'mlpChain', normalization: 'batchNorm' } };
  const scaled = planned({ ...normalized, regularizer: 'learningRateScaling' });
  assert.match(predictions.stabilityBound.unmet(scaled).join(), /one learning rate for all layers/);
  assert.equal(stabilityOf(scaled.spec, 0), null);

  const rescaled = (changes: object) => planned({ ...normalized, regularizer: { kind: 'weightRescaling', ...changes } });
  assert.deepEqual(predictions.rescaledNorm.unmet(rescaled({})), []);
  assert.match(predictions.rescaledNorm.unmet(rescaled({ every: 10 })).join(), /every step, the period is 10 steps/);
  assert.match(predictions.rescaledNorm.unmet(rescaled({ unit: 'epochs' })).join(), /every step, the period is 1 epochs/);
  assert.equal(predictions.rescaledNorm.expect(rescaled({ applyAtInit: false }), 0, null), null);
  assert.ok(predictions.rescaledNorm.expect(rescaled({ applyAtInit: false }), 1, null));
});
