/** @file Planted faults turn the verdicts of the smaller papers' simulated claims: the checks can fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stableIndex } from '../theory/heavyTails.ts';
import { overProposals, readoutError } from './claims/boundedProposal.ts';
import { onFreshSamples } from './claims/dataDependentStart.ts';
import { ends, tailsOfDescent } from './claims/heavyTails.ts';
import { gatedPairs, ownGates } from './claims/icCorrelation.ts';
import { underFactors } from './claims/lossScaleInvariance.ts';
import { ofKnownDraws } from './claims/stableEstimator.ts';
import { overSamples } from './claims/quadraticThreshold.ts';
import { againstTruth, seenGradient } from './claims/straightThrough.ts';
import { verdictOf, type Finding, type Progress } from './claim.ts';
import { quadraticError } from './simulations/quadraticStudent.ts';
import { sampleVariances } from './simulations/sampleVariances.ts';

function contradicted(work: Generator<Progress, Finding>): void {
  for (;;) {
    const { done, value } = work.next();
    if (done) return assert.equal(verdictOf(value), 'contradicted');
  }
}

test('NovoGrad: SGD grows with the loss, Adam has no step of norm η', () => {
  contradicted(underFactors('tiny', 1, 'sgd'));
  contradicted(underFactors('tiny', 1, 'adam'));
});

test('IC layer: one gate for both units, and units that are not normalized', () => {
  contradicted(
    gatedPairs('tiny', 1, ([x, y], keep, uniform) => {
      const open = uniform() < keep;
      return [open ? x : null, open ? y : null];
    }),
  );
  contradicted(gatedPairs('tiny', 1, ([x, y], keep, uniform) => ownGates([x + 1, y + 1], keep, uniform)));
});

test('heavy tails: an estimator of the inverse, steps of half the rate', () => {
  contradicted(ofKnownDraws('tiny', 1, (samples, length) => 1 / stableIndex(samples, length)));
  contradicted(tailsOfDescent('tiny', 1, (rate, batch, count, seed, repeat) => ends(rate / 2, batch, count / 4, seed, repeat)));
});

test('sample variance: a start that is not fitted keeps nothing apart', () =>
  contradicted(onFreshSamples('tiny', 1, (random, _start, width, depth, rows) => sampleVariances(random, 'he', width, depth, rows))));

test('straight through: the identity in place of ReLU, and a gradient uphill', () => {
  contradicted(againstTruth('tiny', 1, (network, _backward, samples, random) => seenGradient(network, 'identity', samples / 10, random)));
  contradicted(
    againstTruth('tiny', 1, (network, backward, samples, random) =>
      seenGradient(network, backward, samples / 10, random).map((value) => -value),
    ),
  );
});

test('quadratic student: a third of the samples, and as many for all', () => {
  contradicted(
    overSamples('tiny', 1, (task, random, rate) =>
      quadraticError({ ...task, samples: Math.ceil(task.samples / 3), steps: 500 }, random, rate),
    ),
  );
  contradicted(
    overSamples('tiny', 1, (task, random, rate) => quadraticError({ ...task, samples: 5 * task.inputs, steps: 2_000 }, random, rate)),
  );
});

test('random features: one frequency fewer than the bound counts, and a bound where there is none', () => {
  contradicted(
    overProposals('tiny', 1, (proposal, width, random) => readoutError(proposal === 'unbounded' ? proposal : proposal - 1, width, random)),
  );
  contradicted(overProposals('tiny', 1, (proposal, width, random) => readoutError(proposal === 'unbounded' ? 6 : proposal, width, random)));
});

test('random features: one frequency more than the bound falls below it', () =>
  contradicted(
    overProposals('tiny', 1, (proposal, width, random) => readoutError(proposal === 'unbounded' ? proposal : proposal + 1, width, random)),
  ));
