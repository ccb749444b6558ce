/** @file The share of a function beyond a frequency against the Bessel functions of a bump, and against least squares. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { solved } from '../optimizers/positiveDefinite.ts';
import { beyondBand } from './bandLimit.ts';

const points = 128;
const angles = Array.from({ length: points }, (_, i) => (2 * Math.PI * i) / points);

/** I_k(z) by its series. */
function bessel(k: number, z: number): number {
  let term = 1;
  for (let i = 1; i <= k; i++) term *= z / 2 / i;
  let sum = 0;
  for (let m = 0; m < 100; m++) {
    sum += term;
    term *= (z / 2) ** 2 / ((m + 1) * (m + 1 + k));
  }
  return sum;
}

test('a bump exp(κ cos x): its coefficients are Bessel functions I_k(κ)', () => {
  const kappa = 10;
  const square = (from: number) =>
    Array.from({ length: 40 }, (_, i) => bessel(from + i, kappa) ** 2).reduce((sum, value) => sum + value, 0);
  const all = bessel(0, kappa) ** 2 + 2 * square(1);
  for (const highest of [0, 2, 4, 8, 12]) {
    const expected = Math.sqrt((2 * square(highest + 1)) / all);
    const found = beyondBand(
      angles.map((x) => Math.exp(kappa * (Math.cos(x) - 1))),
      highest,
    );
    assert.ok(Math.abs(found / expected - 1) < 1e-9, `${highest}: ${found}, ${expected}`);
  }
});

test('what is left over by least squares on all waves of the band, for a function that is not even', () => {
  const f = angles.map((x) => Math.exp(Math.sin(x + 1)) + 0.3 * Math.sin(5 * x));
  const highest = 3;
  const waves = [...Array(highest + 1).keys()].flatMap((k) =>
    k === 0 ? [angles.map(() => 1)] : [Math.cos, Math.sin].map((of) => angles.map((x) => of(k * x))),
  );
  const inner = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const readout = solved(
    Float64Array.from(waves.flatMap((a) => waves.map((b) => inner(a, b)))),
    Float64Array.from(waves, (a) => inner(a, f)),
    0,
  );
  const rest = f.map((value, i) => value - waves.reduce((sum, wave, k) => sum + readout[k]! * wave[i]!, 0));
  assert.ok(Math.abs(beyondBand(f, highest) - Math.sqrt(inner(rest, rest) / inner(f, f))) < 1e-12);
});

test('too few values to tell frequencies apart are refused', () => {
  assert.throws(() => beyondBand([1, 2, 3, 4], 2), /takes more than 4 values, got 4/);
});
