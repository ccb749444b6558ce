/** @file Every activation against its closed form, and at the edges of the numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBuilder } from '../graph/builder.ts';
import { evaluate } from '../graph/evaluate.ts';
import { activations } from './index.ts';

/** Values at -2, -0.5, 0, 0.5, 2; those of erf and the normal distribution are from tables (Abramowitz and Stegun 1964, 7.1 and 26.2). */
const points = [-2, -0.5, 0, 0.5, 2];
const erf = { half: 0.520499877813047, two: 0.995322265018953 };
const normal = { half: 0.691462461274013, two: 0.977249868051821 };
const known: Record<string, number[]> = {
  linear: points,
  relu: [0, 0, 0, 0.5, 2],
  tanh: points.map((x) => 1 - 2 / (Math.exp(2 * x) + 1)),
  erf: [-erf.two, -erf.half, 0, erf.half, erf.two],
  gelu: [-2 * (1 - normal.two), -0.5 * (1 - normal.half), 0, 0.5 * normal.half, 2 * normal.two],
};

function apply(name: keyof typeof activations, values: number[]): number[] {
  const g = createBuilder('float64');
  const y = activations[name].apply(g, g.input('x', [values.length]), { kind: name });
  return Array.from(evaluate([y], { x: Float64Array.from(values) })[0]!);
}

for (const name of Object.keys(activations) as (keyof typeof activations)[]) {
  test(`${name} equals its closed form to 1e-14`, () => {
    const values = apply(name, points);
    values.forEach((value, i) =>
      assert.ok(Math.abs(value - known[name]![i]!) < 1e-14, `${name}(${points[i]}) = ${value}, not ${known[name]![i]}`),
    );
  });
  test(`${name} passes NaN on`, () => assert.ok(Number.isNaN(apply(name, [NaN])[0])));
}

test('piecewise linear is said of those that are: the second difference vanishes away from 0', () => {
  for (const [name, { piecewiseLinear }] of Object.entries(activations)) {
    const [a, b, c] = apply(name as keyof typeof activations, [0.6, 0.8, 1]) as [number, number, number];
    assert.equal(Math.abs(a - 2 * b + c) < 1e-12, piecewiseLinear, name);
  }
});
