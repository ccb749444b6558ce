/** @file Simulations behind the claims of residual scaling against closed forms and explicit derivatives; planted faults turn the verdicts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { mean, standardError } from '../statistics.ts';
import { meanSquaredDisplacement } from '../theory/residualScaling.ts';
import { measured, verdictOf, type Finding, type Verdict } from './claim.ts';
import { crossing, hurstPlane } from './claims/hurstPlane.ts';
import { histograms } from './claims/logNormal.ts';
import { regimes } from './claims/regimes.ts';
import { smoothThreshold } from './claims/smoothThreshold.ts';
import { backward, forward, paths, signals } from './simulations/residual.ts';

const [width, depth, beta, count] = [8, 12, 0.5, 3_000];

test('signal and gradient move as far as the closed form says, whether their matrices are drawn or not', () => {
  const exact = meanSquaredDisplacement(depth, beta);
  for (const law of ['independent', { hurst: 0.5 }] as const) {
    const drawn = Array.from({ length: count }, (_, draw) => signals(width, depth, [beta], law, 5, draw)[0]!);
    for (const side of ['moved', 'gradientMoved'] as const) {
      const squares = drawn.map((network) => network[side] ** 2);
      // five standard errors of a mean over 3,000 networks
      assert.ok(Math.abs(mean(squares) - exact) < 5 * standardError(squares), `${side}: ${mean(squares)}, exact ${exact}`);
    }
    // E‖h_L‖²/‖h_0‖² = (1 + α²/2)^L: cross terms vanish in the mean
    for (const side of ['ratio', 'gradientRatio'] as const) {
      const squares = drawn.map((network) => network[side] ** 2);
      assert.ok(Math.abs(mean(squares) - exact - 1) < 5 * standardError(squares), `${side}: ${mean(squares)}`);
    }
  }
});

test('what goes back through the blocks is the derivative of what goes forward', () => {
  const random = rng(2, 'test');
  const vector = () => Float64Array.from({ length: width }, () => random.normal());
  for (const branch of ['res3', 'res1']) {
    const kernels = {
      ...(branch === 'res3' ? { w: paths(width, depth, { hurst: 0.7 }, random) } : {}),
      v: paths(width, depth, { hurst: 0.7 }, random),
    };
    const [start, end, direction] = [vector(), vector(), vector()];
    const f = (t: number) =>
      forward(
        kernels,
        start.map((value, i) => value + t * direction[i]!),
        0.3,
      ).h.reduce((sum, value, i) => sum + value * end[i]!, 0);
    const slope = backward(kernels, forward(kernels, start, 0.3).active, end, 0.3).reduce(
      (sum, value, i) => sum + value * direction[i]!,
      0,
    );
    const step = 1e-6;
    const numerical = (f(step) - f(-step)) / (2 * step);
    assert.ok(Math.abs(slope - numerical) < 1e-6 * Math.abs(slope), `${branch}: ${slope}, ${numerical}`);
  }
});

const off = (finding: Finding, of: RegExp, by: (value: number) => number): Finding => ({
  ...finding,
  estimates: finding.estimates.map((estimate) =>
    of.test(estimate.name)
      ? { ...estimate, value: by(estimate.value), interval: [by(estimate.interval[0]), by(estimate.interval[1])] as const }
      : estimate,
  ),
});

test('a factor 1/√2 that is left out, and branches of L^-0.6, turn the verdict on the regimes', () => {
  const finding = measured(regimes, 'tiny');
  assert.equal(verdictOf(finding), 'reproduced');
  for (const side of ['signal', 'gradient']) {
    const doubled = off(finding, new RegExp(`${side} at β = 0.5, L = 100`), (value) => value * Math.SQRT2);
    assert.equal(verdictOf(doubled), 'contradicted');
    const wrong = Array.from({ length: 60 }, (_, draw) => signals(40, 100, [0.6], 'independent', 1, draw)[0]!);
    const of = side === 'signal' ? 'moved' : 'gradientMoved';
    const size = Math.sqrt(mean(wrong.map((network) => network[of] ** 2)));
    assert.equal(verdictOf(off(finding, new RegExp(`${side} at β = 0.5, L = 100`), () => size)), 'contradicted', `${size}`);
  }
});

test('branches of L^-0.6, half the width, and smooth weights turn the verdict on the histograms', () => {
  const verdict = (draw: typeof signals): Verdict => {
    const work = histograms('tiny', 1, draw);
    for (;;) {
      const { done, value } = work.next();
      if (done) return verdictOf(value);
    }
  };
  const faults: readonly (typeof signals)[] = [
    (d, depth, _betas, ...rest) => signals(d, depth, [0.6], ...rest),
    (d, ...rest) => signals(d / 2, ...rest),
    (_d, _depth, betas, _law, ...rest) => signals(10, 30, betas, 'rbf', ...rest),
  ];
  for (const fault of faults) assert.equal(verdict(fault), 'contradicted');
});

test('independent weights in place of smooth ones turn the verdict on the smooth threshold', () => {
  const finding = measured(smoothThreshold, 'tiny');
  assert.equal(verdictOf(finding), 'reproduced');
  const move = (layers: number) => {
    const moved = Array.from({ length: 30 }, (_, draw) => signals(10, layers, [1], 'independent', 1, draw)[0]!.moved);
    return mean(moved);
  };
  const ratio = move(300) / move(30);
  assert.equal(verdictOf(off(finding, /signal, β = 1/, () => ratio)), 'contradicted', `${ratio}`);
});

test('where growth passes zero', () => {
  assert.equal(crossing([0, 1, 2], [3, 1, -1]), 1.5);
  assert.equal(crossing([0, 1, 2], [-1, -2, -3]), 0);
  assert.equal(crossing([0, 1, 2], [3, 2, 1]), 2);
});

test('the line of one kind of block taken for the other turns the verdict on the plane', () => {
  const finding = measured(hurstPlane, 'tiny');
  assert.equal(verdictOf(finding), 'reproduced');
  const rough = finding.estimates.find(({ name }) => name === 'critical β of res-1 at H = 0.2')!;
  assert.equal(verdictOf(off(finding, /res-3 at H = 0.2/, () => rough.value)), 'contradicted', `${rough.value}`);
  assert.equal(verdictOf(off(finding, /res-1 at H = 0.2/, () => 0.5)), 'contradicted');
  // displacements compared at one depth do not grow
  assert.equal(verdictOf(off(finding, /H = 0.8/, () => crossing([0, 1], [0, 0]))), 'contradicted');
});
