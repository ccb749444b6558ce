/** @file Every activation with its first and second derivative against closed forms written down independently, at the kinks and far out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../catalog.ts';
import { createBuilder } from '../graph/builder.ts';
import { gradient } from '../graph/differentiate.ts';
import { evaluate } from '../graph/evaluate.ts';
import { activations } from './index.ts';

type Name = keyof typeof activations;
type Form = readonly [value: (x: number) => number, first: (x: number) => number, second: (x: number) => number];
const { exp, tanh, sqrt, PI, abs, sin, cos, SQRT2 } = Math;

/** erf by its series, summed until nothing is added; 1 from 6 on. */
function erf(x: number): number {
  if (abs(x) > 6) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; n < 400; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / sqrt(PI)) * sum;
}
const logistic = (x: number) => 1 / (1 + exp(-x));
const density = (x: number) => exp((-x * x) / 2) / sqrt(2 * PI);
const distribution = (x: number) => (1 + erf(x / SQRT2)) / 2;
const [scale, alpha] = [1.0507009873554805, 1.6732632423543772];
const c = sqrt(2 / PI);
const bend = (x: number) => tanh(c * (x + 0.044715 * x ** 3));
const slopeOfBend = (x: number) => c * (1 + 3 * 0.044715 * x * x);
const zero = () => 0;

/** [options, value, derivative, second derivative]; at 0 the derivative our convention takes. */
const known: Record<Name, readonly (readonly [object, ...Form])[]> = {
  linear: [[{}, (x) => x, () => 1, zero]],
  relu: [[{}, (x) => Math.max(x, 0), (x) => (x > 0 ? 1 : 0), zero]],
  leakyRelu: [[{ slope: 0.2 }, (x) => (x > 0 ? x : 0.2 * x), (x) => (x > 0 ? 1 : 0.2), zero]],
  elu: [
    [{}, (x) => (x > 0 ? x : exp(x) - 1), (x) => (x > 0 ? 1 : exp(x)), (x) => (x > 0 ? 0 : exp(x))],
    [{ alpha: 0.5 }, (x) => (x > 0 ? x : 0.5 * (exp(x) - 1)), (x) => (x > 0 ? 1 : 0.5 * exp(x)), (x) => (x > 0 ? 0 : 0.5 * exp(x))],
  ],
  selu: [
    [
      {},
      (x) => scale * (x > 0 ? x : alpha * (exp(x) - 1)),
      (x) => scale * (x > 0 ? 1 : alpha * exp(x)),
      (x) => (x > 0 ? 0 : scale * alpha * exp(x)),
    ],
  ],
  gelu: [
    [{}, (x) => x * distribution(x), (x) => distribution(x) + x * density(x), (x) => density(x) * (2 - x * x)],
    [
      { form: 'tanh' },
      (x) => 0.5 * x * (1 + bend(x)),
      (x) => 0.5 * (1 + bend(x)) + 0.5 * x * (1 - bend(x) ** 2) * slopeOfBend(x),
      (x) =>
        (1 - bend(x) ** 2) * slopeOfBend(x) + 0.5 * x * (1 - bend(x) ** 2) * (c * 6 * 0.044715 * x - 2 * bend(x) * slopeOfBend(x) ** 2),
    ],
  ],
  silu: [
    [
      {},
      (x) => x * logistic(x),
      (x) => logistic(x) * (1 + x * (1 - logistic(x))),
      (x) => logistic(x) * (1 - logistic(x)) * (2 + x * (1 - 2 * logistic(x))),
    ],
  ],
  softplus: [[{}, (x) => Math.max(x, 0) + Math.log1p(exp(-abs(x))), logistic, (x) => logistic(x) * (1 - logistic(x))]],
  sigmoid: [[{}, logistic, (x) => logistic(x) * (1 - logistic(x)), (x) => logistic(x) * (1 - logistic(x)) * (1 - 2 * logistic(x))]],
  tanh: [[{}, tanh, (x) => 1 - tanh(x) ** 2, (x) => -2 * tanh(x) * (1 - tanh(x) ** 2)]],
  erf: [[{}, erf, (x) => (2 / sqrt(PI)) * exp(-x * x), (x) => ((-4 * x) / sqrt(PI)) * exp(-x * x)]],
  quadratic: [[{}, (x) => x * x, (x) => 2 * x, () => 2]],
  cubic: [[{}, (x) => x ** 3, (x) => 3 * x * x, (x) => 6 * x]],
  hermite: [
    [{ degree: 1 }, (x) => x, () => 1, zero],
    [{ degree: 2 }, (x) => (x * x - 1) / SQRT2, (x) => SQRT2 * x, () => SQRT2],
    [
      { degree: 4 },
      (x) => (x ** 4 - 6 * x * x + 3) / sqrt(24),
      (x) => (4 * x ** 3 - 12 * x) / sqrt(24),
      (x) => (12 * x * x - 12) / sqrt(24),
    ],
  ],
  sine: [[{ frequency: 3 }, (x) => sin(3 * x), (x) => 3 * cos(3 * x), (x) => -9 * sin(3 * x)]],
  threshold: [
    [{ backward: 'identity' }, (x) => (x > 0 ? 1 : 0), () => 1, zero],
    [{ backward: 'relu' }, (x) => (x > 0 ? 1 : 0), (x) => (x > 0 ? 1 : 0), zero],
    [{ backward: 'clippedRelu' }, (x) => (x > 0 ? 1 : 0), (x) => (x > 0 && x <= 1 ? 1 : 0), zero],
    [{ backward: 'clippedIdentity' }, (x) => (x > 0 ? 1 : 0), (x) => (x > -1 && x <= 1 ? 1 : 0), zero],
  ],
};

/** Value, first and second derivative at each point, by the graph in float64. */
function apply(name: Name, options: object, points: readonly number[]): readonly Float64Array[] {
  const g = createBuilder('float64');
  const x = g.input('x', [points.length]);
  const y = activations[name].apply(g, x, { ...defaults('activation', name), ...options });
  const [first] = gradient(g, g.sum(y), [x]);
  const [second] = gradient(g, g.sum(first!), [x]);
  return evaluate([y, first!, second!], { x: Float64Array.from(points) }) as Float64Array[];
}

const points = [-3.7, -2, -1.1, -0.5, -1e-3, 0, 1e-3, 0.25, 0.5, 0.9, 1.3, 2, 3.1];
for (const [name, forms] of Object.entries(known) as [Name, (typeof known)[Name]][])
  for (const [options, ...form] of forms)
    test(`${name} ${JSON.stringify(options)} and both derivatives equal their closed forms to 1e-12`, () => {
      apply(name, options, points).forEach((values, order) =>
        values.forEach((value, i) => {
          const wanted = form[order]!(points[i]!);
          assert.ok(
            abs(value - wanted) <= 1e-12 * Math.max(1, abs(wanted)),
            `derivative ${order} at ${points[i]} is ${value}, not ${wanted}`,
          );
        }),
      );
    });

/** Value and derivatives to a relative error, where differences of nearly equal numbers would leave none of their digits. */
const faint: readonly [Name, readonly number[], ...((x: number) => number)[]][] = [
  [
    'softplus',
    [-500, -60, -36, -17, -1e-8, 1e-8, 17, 36, 60, 500],
    (x) => Math.max(x, 0) + Math.log1p(exp(-abs(x))),
    (x) => logistic(x),
    (x) => exp(-abs(x)) / (1 + exp(-abs(x))) ** 2,
  ],
  ['elu', [-30, -0.6, -0.5, -0.4, -1e-3, -1e-9, -1e-200], Math.expm1, exp, exp],
  ['selu', [-0.51, -0.3, -1e-12], (x) => scale * alpha * Math.expm1(x), (x) => scale * alpha * exp(x), (x) => scale * alpha * exp(x)],
];
for (const [name, at, ...form] of faint)
  test(`${name} keeps its digits near 0 and in its tails, and so do both derivatives`, () => {
    apply(name, {}, at).forEach((values, order) =>
      values.forEach((value, i) => {
        const wanted = form[order]!(at[i]!);
        assert.ok(abs(value / wanted - 1) < 1e-13, `derivative ${order} at ${at[i]} is ${value}, not ${wanted}`);
      }),
    );
  });

test('far out nothing overflows that has a limit', () => {
  const far: Partial<Record<Name, readonly [low: number, high: number]>> = {
    softplus: [0, 1000],
    sigmoid: [0, 1],
    tanh: [-1, 1],
    erf: [-1, 1],
    elu: [-1, 1000],
    selu: [-scale * alpha, scale * 1000],
    relu: [0, 1000],
    leakyRelu: [-10, 1000],
    gelu: [0, 1000],
    silu: [0, 1000],
  };
  for (const [name, limits] of Object.entries(far)) {
    const [value, first, second] = apply(name as Name, {}, [-1000, 1000]);
    limits.forEach((limit, i) => assert.ok(abs(value![i]! - limit) < 1e-9, `${name}: ${value![i]} instead of ${limit}`));
    for (const derivative of [...first!, ...second!]) assert.ok(Number.isFinite(derivative), `${name}: a derivative is ${derivative}`);
  }
});

test('the threshold of ±∞ and of what float32 barely holds is 0 or 1, whatever stands in for its derivative', () => {
  for (const backward of ['identity', 'relu', 'clippedRelu', 'clippedIdentity']) {
    const [value, first] = apply('threshold', { backward }, [-Infinity, -3e38, 3e38, Infinity, 1e29]);
    assert.deepEqual([...value!], [0, 0, 1, 1, 1], backward);
    assert.deepEqual([...first!.subarray(0, 4)], [0, 0, 0, 0], backward);
    assert.equal(first![4], backward.startsWith('clipped') ? 0 : 1);
  }
});

test('every activation passes NaN on', () => {
  for (const name of Object.keys(activations) as Name[]) assert.ok(Number.isNaN(apply(name, {}, [NaN])[0]![0]), name);
});

test('piecewise linear is said of those that are: the second derivative vanishes away from the kinks', () => {
  for (const [name, { piecewiseLinear }] of Object.entries(activations)) {
    if (name === 'threshold') continue; // its derivative is another function's
    const bent = apply(name as Name, {}, [-0.7, 0.6])
      .at(2)!
      .some((value) => abs(value) > 1e-9);
    assert.equal(bent, !piecewiseLinear, name);
  }
});

test('Hermite polynomials are orthonormal for a Gaussian', () => {
  const grid = Array.from({ length: 4_001 }, (_, i) => -10 + i / 200);
  const polynomials = [1, 2, 3, 5].map((degree) => apply('hermite', { degree }, grid)[0]!);
  polynomials.forEach((a, i) =>
    polynomials.forEach((b, j) => {
      const product = grid.reduce((sum, x, at) => sum + (a[at]! * b[at]! * density(x)) / 200, 0);
      assert.ok(abs(product - (i === j ? 1 : 0)) < 1e-10, `${i}, ${j}: ${product}`);
    }),
  );
});
