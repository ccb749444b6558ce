/** @file Planted faults turn the verdicts of P5: the checks can fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dualKernels } from '../theory/dualKernels.ts';
import { gramOfHidden, polynomialRankBound } from '../theory/gramLaws.ts';
import { overDimensions } from './claims/dataDimension.ts';
import { walkDown } from './claims/depthCures.ts';
import { approach } from './claims/finiteWidth.ts';
import { lawsOnHalfCircle } from './claims/halfCircleLaws.ts';
import { kernelsAgainstDraws } from './claims/kernelFormulas.ts';
import { ranks } from './claims/polynomialRank.ts';
import { verdictOf, type Finding, type Progress } from './claim.ts';

function found(work: Generator<Progress, Finding>): Finding {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
const contradicted = (work: Generator<Progress, Finding>) => assert.equal(verdictOf(found(work)), 'contradicted');

test('half circle: points on a quarter of the circle have other laws', () =>
  contradicted(
    lawsOnHalfCircle('tiny', (correlations, slope) =>
      gramOfHidden(
        correlations.map((row) => row.map((rho) => Math.cos(Math.acos(rho) / 2))),
        slope,
      ),
    ),
  ));

test('depth: correlations that no layer spreads cure nothing', () => contradicted(walkDown('tiny', (correlations) => [...correlations])));

test('kernels: a term of GELU that is off, or ELU taken for ReLU', () => {
  const gelu = dualKernels.gelu();
  contradicted(kernelsAgainstDraws('tiny', 1, { ...dualKernels, gelu: () => ({ ...gelu, slope: (rho) => gelu.slope(rho) - rho / 13 }) }));
  contradicted(kernelsAgainstDraws('tiny', 1, { ...dualKernels, relu: () => dualKernels.elu() }));
});

test('data dimension: a kink where there is none, and none where there is one', () => {
  contradicted(overDimensions('tiny', 1, { ...dualKernels, tanh: dualKernels.relu }));
  contradicted(overDimensions('tiny', 1, { ...dualKernels, relu: dualKernels.erf }));
});

test('width: a limit that is 10% off, so that the error stops falling', () => {
  const off = (slope: (rho: number) => number) => (rho: number) => 1.1 * slope(rho);
  contradicted(approach('tiny', 1, { relu: off(dualKernels.relu().slope), gelu: off(dualKernels.gelu().slope) }));
});

test('rank: powers that overlap on the sphere counted twice', () =>
  contradicted(ranks('tiny', 1, (n, dimension, powers) => Math.min(n, polynomialRankBound(dimension, powers)))));
