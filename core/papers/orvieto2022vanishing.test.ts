/** @file Planted faults turn the verdicts of P1: the checks can fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { mean, median } from '../statistics.ts';
import { escapes } from './claims/adaptiveEscape.ts';
import { slopesOfBlocks } from './claims/blocksVanish.ts';
import { slopesOfChains } from './claims/chainMedians.ts';
import { slopesOfEntries } from './claims/diagonalVanishes.ts';
import { overLayers } from './claims/gradientsOverLayers.ts';
import { balance, balances } from './claims/hollowHessian.ts';
import { meanBesideMedian } from './claims/meanAndMedian.ts';
import { overWidths } from './claims/widthNeedsDepth.ts';
import { bootstrap, verdictOf, type Finding, type Progress } from './claim.ts';
import { chains, escapeSteps } from './simulations/chain.ts';
import { blockNorms, relativeGradients } from './simulations/hessianBlocks.ts';
import { overMedians } from './simulations/manyDraws.ts';
import { logNorms } from './simulations/wideLayers.ts';

function contradicted(work: Generator<Progress, Finding>): void {
  for (;;) {
    const { done, value } = work.next();
    if (done) return assert.equal(verdictOf(value), 'contradicted');
  }
}

test('medians of many draws: the value and interval of a bootstrap that draws again', () => {
  const random = rng(5, 'test');
  const groups = [2000, 1500].map((n, at) => Array.from({ length: n }, () => at + (at + 1) * random.normal()));
  const fast = overMedians(groups, ([a, b]) => b! - a!, 1);
  const slow = bootstrap(groups, ([a, b]) => median(b!) - median(a!), 1);
  assert.ok(Math.abs(fast.value - slow.value) < 0.005, `${fast.value} ${slow.value}`);
  // the ends of 200 resamples scatter by about a tenth of the interval's width
  for (const end of [0, 1] as const)
    assert.ok(
      Math.abs(fast.interval[end] - slow.interval[end]) < 0.2 * (slow.interval[1] - slow.interval[0]),
      `${fast.interval} ${slow.interval}`,
    );
});

test('chains: a mean in place of a median, weights a tenth too small', () => {
  // blocks of a hundred chains, each replaced by the log of its root mean square: nothing would vanish
  contradicted(
    slopesOfChains('tiny', 1, (law, count, depth) => {
      const logs = chains(law, count, depth, 1).product;
      return Array.from(
        { length: count / 100 },
        (_, i) => 0.5 * Math.log(mean(logs.slice(100 * i, 100 * i + 100).map((log) => Math.exp(2 * log)))),
      );
    }),
  );
  contradicted(
    slopesOfChains('tiny', 1, (law, count, depth) => chains(law, count, depth, 1).product.map((log) => log + depth * Math.log(0.9))),
  );
});

test('entries of the Hessian: a diagonal that forgets its square', () =>
  contradicted(
    slopesOfEntries('tiny', 1, (count, depth) => {
      const rows = chains('uniform', count, depth, 1);
      return { ...rows, diagonal: rows.diagonal.map((log) => log / 2) };
    }),
  ));

test('blocks: without the term of the residual both vanish alike', () =>
  contradicted(
    slopesOfBlocks('tiny', 1, (network) => {
      const found = blockNorms(network);
      return found && { ...found, beside: found.diagonal };
    }),
  ));

test('gradients over layers: one that vanishes on the way back alone, and squared norms in place of norms', () => {
  contradicted(
    overLayers('tiny', 1, (network) => relativeGradients(network).map((value, k, all) => value * Math.exp(-0.09 * (all.length - k)))),
  );
  contradicted(overLayers('tiny', 1, (network) => relativeGradients(network).map((value) => value ** 2)));
});

test('hollow: a smallest eigenvalue that is a tenth of what it should be', () =>
  contradicted(balances('tiny', 1, (network, seed) => 0.1 * balance(network, seed))));

test('width and depth: LeCun in place of He, an exponent that is off by a half', () => {
  contradicted(overWidths('tiny', 1, (net, seed) => logNorms(net, seed).map((log) => log - (net.relu ? net.depth * Math.LN2 : 0))));
  contradicted(overWidths('tiny', 1, (net, seed) => logNorms(net, seed).map((log) => 1.5 * log)));
});

test('mean and median: a law without a tail has both in one place', () =>
  contradicted(meanBesideMedian('tiny', 1, (net, seed) => logNorms(net, seed).map((log) => log / 100))));

test('escape: an Adam that is gradient descent, a descent that is Adam', () => {
  contradicted(escapes('tiny', 1, (kind, depth, seed) => escapeSteps(kind === 'adam' ? 'gradientDescent' : kind, depth, seed)));
  contradicted(escapes('tiny', 1, (kind, depth, seed) => escapeSteps(kind === 'gradientDescent' ? 'adam' : kind, depth, seed)));
});
