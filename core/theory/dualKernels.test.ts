/** @file Kernels of activations against quadrature that splits at the kink, which the formulas do not use; ranks and half-circle laws against eigenvalues. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { erf } from '../graph/erf.ts';
import { activated, correlationsOf, eigenvalues, smallest, spherePoints } from '../papers/simulations/gram.ts';
import { rng } from '../rng.ts';
import { bivariateNormal, dualKernels, hermiteCoefficients, type Differentiable } from './dualKernels.ts';
import { gramOfHidden, halfCircle, halfCircleRates, polynomialRank, polynomialRankBound } from './gramLaws.ts';

const { abs, sqrt, exp, PI } = Math;
const near = (got: number, want: number, tolerance: number, what = '') =>
  assert.ok(abs(got - want) <= tolerance, `${what}: ${got}, not ${want} (±${tolerance})`);
const normal = (x: number) => (1 + erf(x / Math.SQRT2)) / 2;

/** Simpson's rule for a density's average of f over [from, to]. */
function average(f: (x: number) => number, from: number, to: number, intervals = 2_000): number {
  const step = (to - from) / intervals;
  let sum = 0;
  for (let i = 0; i <= intervals; i++) {
    const x = from + i * step;
    sum += (i === 0 || i === intervals ? 1 : i % 2 ? 4 : 2) * f(x) * exp((-x * x) / 2);
  }
  return (sum * step) / 3 / sqrt(2 * PI);
}

test('the slopes of ELU and SELU to 1e-10: the inner average in closed form, the outer one in two halves', () => {
  const slope = (u: number, alpha: number) => (u > 0 ? 1 : alpha * exp(u));
  for (const [name, alpha, scale] of [
    ['elu', 1, 1],
    ['selu', 1.6732632423543772, 1.0507009873554805],
  ] as const)
    for (const rho of [-0.99, -0.6, 0, 0.37, 0.9, 0.999]) {
      const c = sqrt(1 - rho * rho);
      // E φ′(m + c z): above 0 the chance, below it the tilted one
      const inner = (m: number) => normal(m / c) + alpha * exp(m + (c * c) / 2) * normal(-(m + c * c) / c);
      const halves = [
        [-12, 0],
        [0, 12],
      ].map(([from, to]) => average((u) => slope(u === 0 ? (from! + to!) * 1e-9 : u, alpha) * inner(rho * u), from!, to!, 20_000));
      near(dualKernels[name]().slope(rho), scale ** 2 * (halves[0]! + halves[1]!), 1e-10, `${name} at ${rho}`);
    }
});

test('the values of ELU and SELU to 1e-12: SELU keeps mean 0 and variance 1, ELU has its moments, and a pair its average', () => {
  const { elu, selu } = { elu: dualKernels.elu(), selu: dualKernels.selu() };
  near(selu.value(0), 0, 1e-12, 'the square of the mean');
  near(selu.value(1), 1, 1e-12, 'the second moment');
  near(elu.value(0), (1 / sqrt(2 * PI) + exp(0.5) * normal(-1) - 1 / 2) ** 2, 1e-14);
  near(elu.value(1), 1 + exp(2) * normal(-2) - 2 * exp(0.5) * normal(-1), 1e-14);
  const phi = (x: number) => (x > 0 ? x : Math.expm1(x));
  for (const rho of [-1, -0.999, 0.37, 0.99]) {
    const c = sqrt(1 - rho * rho);
    const inner = (m: number) => {
      if (c === 0) return phi(m);
      const above = m * normal(m / c) + (c * exp(-((m / c) ** 2) / 2)) / sqrt(2 * PI);
      return above + exp(m + (c * c) / 2) * normal(-(m + c * c) / c) - normal(-m / c);
    };
    const halves = [average((u) => phi(u) * inner(rho * u), -12, 0, 20_000), average((u) => phi(u) * inner(rho * u), 0, 12, 20_000)];
    near(elu.value(rho), halves[0]! + halves[1]!, 1e-10, `at ${rho}`);
  }
});

test('orthants of the bivariate normal law: independence, identity, opposition and Sheppard’s quarter', () => {
  for (const [a, b] of [
    [0, 0],
    [-1.3, 0.4],
    [1, 1],
  ] as const) {
    near(bivariateNormal(a, b, 0), normal(a) * normal(b), 1e-15);
    near(bivariateNormal(a, b, 1), normal(Math.min(a, b)), 1e-6, 'ρ = 1');
    near(bivariateNormal(a, b, -1), Math.max(0, normal(a) + normal(b) - 1), 1e-6, 'ρ = -1');
  }
  for (const rho of [-0.8, 0.37, 0.99]) near(bivariateNormal(0, 0, rho), 1 / 4 + Math.asin(rho) / (2 * PI), 1e-13);
});

test('Hermite coefficients: of a polynomial exactly its own, and Parseval for tanh', () => {
  const ofSquare = hermiteCoefficients((x) => x * x, 6);
  [1, 0, Math.SQRT2, 0, 0, 0].forEach((want, k) => near(ofSquare[k]!, want, 1e-12, `k = ${k}`));
  const energy = hermiteCoefficients(Math.tanh).reduce((sum, c) => sum + c * c, 0);
  near(
    energy,
    average((x) => Math.tanh(x) ** 2, -12, 12),
    1e-12,
  );
});

test('every kernel is the average over a grid of what the catalog’s activation computes, values and slopes', () => {
  // an even grid, so that the kink lies between nodes; what is left there is below the spacing squared, 8e-4
  const [reach, count] = [8.5, 600];
  const grid = Float64Array.from({ length: count }, (_, i) => -reach + (2 * reach * (i + 0.5)) / count);
  const weight = grid.map((z) => (exp((-z * z) / 2) / sqrt(2 * PI)) * ((2 * reach) / count));
  const rho = 0.6; // 0.8 across: u = z₁, v = 0.6 z₁ + 0.8 z₂
  const pairs = Float64Array.from({ length: count * count }, (_, at) => rho * grid[Math.floor(at / count)]! + 0.8 * grid[at % count]!);
  for (const name of Object.keys(dualKernels) as Differentiable[]) {
    const [u, v] = [activated(name, grid), activated(name, pairs)];
    for (const kind of ['value', 'slope'] as const) {
      let sum = 0;
      for (let i = 0; i < count; i++) {
        let inner = 0;
        for (let j = 0; j < count; j++) inner += weight[j]! * v[kind][i * count + j]!;
        sum += weight[i]! * u[kind][i]! * inner;
      }
      const jumps = ['relu', 'leakyRelu', 'elu', 'selu'].includes(name);
      const want = dualKernels[name]()[kind](rho);
      near(sum, want, (jumps ? 1e-3 : 1e-10) * Math.max(1, abs(want)), `${name} ${kind}`);
    }
  }
});

test('the half circle: eigenvalues approach the laws of the jumps like 1/n²', () => {
  for (const [kind, power] of [
    ['relu', 1],
    ['selu', 1],
    ['elu', 3],
  ] as const) {
    const error = (n: number) => n ** power * smallest(gramOfHidden(halfCircle(n), dualKernels[kind]().slope)) - halfCircleRates[kind];
    near(error(32) / error(64), 4, 0.35, kind);
    near(error(64) / halfCircleRates[kind], 0, 6e-3, kind);
  }
});

test('ranks of polynomial Gram matrices, and the bound that is not reached on the sphere', () => {
  for (const dimension of [2, 4, 5])
    for (const powers of [[2], [1, 3], [1, 2, 3], [3]]) {
      const correlations = correlationsOf(spherePoints(rng(5, 'test', dimension), 60, dimension));
      const gram = correlations.map((row) => row.map((rho) => powers.reduce((sum, power) => sum + rho ** power, 0)));
      const values = eigenvalues(gram);
      const rank = values.filter((value) => value > 1e-11 * values[0]!).length;
      assert.equal(rank, polynomialRank(60, dimension, powers), `${powers.join()} in ${dimension}`);
      assert.ok(rank <= polynomialRankBound(dimension, powers));
    }
  assert.deepEqual([polynomialRank(50, 5, [2]), polynomialRank(50, 5, [1, 3]), polynomialRankBound(5, [1, 3])], [15, 35, 40]);
});
