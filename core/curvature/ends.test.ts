/** @file Ends of spectra and quadratures against operators whose spectra are known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { drive, driveAsync, spectrumEnds } from './ends.ts';
import { estimate, hutchinson, lanczosQuadrature, smoothed } from './quadrature.ts';

const diagonal = (values: readonly number[]) => (v: Float64Array) => v.map((x, i) => x * values[i]!);
const wanted = { top: 3, bottom: 3, tolerance: 1e-10, products: 20_000, seed: 1 };

function check(spectrum: readonly number[], tolerance = 1e-9) {
  const sorted = [...spectrum].sort((a, b) => b - a);
  const scale = Math.max(...sorted.map(Math.abs));
  const { top, bottom } = drive(spectrumEnds({ ...wanted, size: spectrum.length }), diagonal(spectrum));
  for (const [got, want] of [
    [top, sorted.slice(0, 3)],
    [bottom, sorted.toReversed().slice(0, 3)],
  ] as const) {
    assert.equal(got.length, want.length);
    got.forEach(({ value, residual }, i) => {
      assert.ok(Math.abs(value - want[i]!) <= tolerance * scale, `value ${i} is ${value} instead of ${want[i]}`);
      assert.ok(residual <= 1e-9 * scale);
    });
  }
}

test('both signed ends of 500 values of uniform density come out to 1e-9, restarts included', () => {
  const random = rng(1, 'test');
  check(Array.from({ length: 500 }, () => 2 * random.uniform() - 1).concat([85.5, -127.6]));
});

test('repeated eigenvalues come out as often as they are there, at either end', () => {
  check([7, 7, 7, 7, ...Array.from({ length: 200 }, (_, i) => Math.sin(i)), -9, -9]);
  check([5, 5, 5]);
  check(new Array<number>(40).fill(3));
});

test('one end alone costs no more products than both, and is the same', () => {
  const random = rng(2, 'test');
  const spectrum = [...Array.from({ length: 600 }, () => random.normal()), ...new Array<number>(600).fill(0)];
  const ask = (ends: { top: number; bottom: number }) => drive(spectrumEnds({ ...wanted, ...ends, size: 1_200 }), diagonal(spectrum));
  const both = ask({ top: 3, bottom: 3 });
  for (const [end, asked] of [
    ['top', { top: 3, bottom: 0 }],
    ['bottom', { top: 0, bottom: 3 }],
  ] as const) {
    const alone = ask(asked);
    assert.ok(alone.products <= both.products, `${alone.products} for ${end}, ${both.products} for both`);
    alone[end].forEach(({ value }, i) => assert.ok(Math.abs(value - both[end][i]!.value) < 1e-9));
    assert.equal(alone.top.length + alone.bottom.length, 3);
  }
});

test('small, singular and zero operators', () => {
  check([3]);
  check([3, -1]);
  check([1, 0, 0, 0, 0, 0, 0, 0]);
  const zero = drive(spectrumEnds({ ...wanted, size: 6 }), (v) => v.map(() => 0));
  assert.deepEqual(
    zero.top.map(({ value }) => value + 0),
    [0, 0, 0],
  );
});

test('values of 1e±300 come out as those of 1 do: no square under- or overflows on the way', () => {
  const random = rng(4, 'test');
  const plain = Array.from({ length: 120 }, () => random.normal());
  for (const scale of [1e-300, 1e-200, 1e200, 1e300]) {
    const spectrum = plain.map((value) => value * scale);
    check(spectrum);
    const { frobenius } = drive(hutchinson(120, { probes: 3, seed: 1 }), diagonal(spectrum));
    assert.ok(Math.abs(frobenius.value / scale - Math.hypot(...plain)) < 1e-12);
    const [atoms] = drive(lanczosQuadrature(120, { probes: 1, rank: 120, seed: 1 }), diagonal(spectrum));
    const mean = atoms!.reduce((sum, { value, weight }) => sum + weight * (value / scale), 0);
    assert.ok(Math.abs(mean - plain.reduce((sum, x) => sum + x, 0) / 120) < 1e-12);
  }
});

test('a gap of 1e-4 at the top is resolved', () => {
  check([1, 0.9999, 0.9998, ...Array.from({ length: 300 }, (_, i) => Math.cos(i) * 0.99)], 1e-8);
});

test('with too few products the residuals say so', () => {
  const spectrum = Array.from({ length: 400 }, (_, i) => Math.cos(1 + i));
  const { top, products } = drive(spectrumEnds({ ...wanted, size: 400, products: 8 }), diagonal(spectrum));
  assert.equal(products, 8);
  const nearest = Math.min(...spectrum.map((x) => Math.abs(x - top[0]!.value)));
  assert.ok(top[0]!.residual > 1e-3 && nearest <= top[0]!.residual);
});

test('products may be waited for', async () => {
  const { top } = await driveAsync(spectrumEnds({ ...wanted, size: 5 }), async (v) => diagonal([1, 2, 3, 4, 5])(v));
  assert.deepEqual(
    top.map(({ value }) => Math.round(value * 1e9) / 1e9),
    [5, 4, 3],
  );
});

test('the quadrature of a diagonal operator is exact in its moments: Σ wᵢ λᵢᵏ = tr Aᵏ/n for signs', () => {
  const spectrum = [4, 1, -2, 0.5, 3];
  const measures = drive(lanczosQuadrature(5, { probes: 3, rank: 5, seed: 1 }), diagonal(spectrum));
  for (const atoms of measures)
    for (let power = 0; power <= 4; power++) {
      const got = atoms.reduce((sum, { value, weight }) => sum + weight * value ** power, 0);
      const want = spectrum.reduce((sum, x) => sum + x ** power, 0) / 5;
      assert.ok(Math.abs(got - want) < 1e-11 * Math.max(1, Math.abs(want)));
    }
});

test('a density integrates to one, and its error covers the difference between the probes', () => {
  const spectrum = Array.from({ length: 300 }, (_, i) => Math.sin(i));
  const rotated = (v: Float64Array) => v.map((x, i) => spectrum[i]! * x + 0.1 * (v[i + 1] ?? 0) + 0.1 * (v[i - 1] ?? 0));
  const measures = drive(lanczosQuadrature(300, { probes: 8, rank: 30, seed: 1 }), rotated);
  const grid = Array.from({ length: 401 }, (_, i) => -2 + i / 100);
  const density = smoothed(measures, grid, 0.05);
  assert.ok(Math.abs(density.reduce((sum, { value }) => sum + value / 100, 0) - 1) < 1e-6);
  assert.ok(density.some(({ error }) => error > 0));
});

test('Hutchinson: the exact trace of a diagonal from any probe, and within four errors for a full matrix', () => {
  const n = 30;
  const random = rng(2, 'test');
  const a = Array.from({ length: n }, () => Array.from({ length: n }, () => random.normal()));
  const symmetric = a.map((row, i) => row.map((x, j) => (x + a[j]![i]!) / 2));
  const exact = drive(hutchinson(4, { probes: 2, seed: 1 }), diagonal([1, 2, 3, -4]));
  assert.deepEqual(exact.trace, { value: 2, error: 0 });
  const { trace, frobenius } = drive(hutchinson(n, { probes: 200, seed: 1 }), (v) =>
    Float64Array.from(symmetric, (row) => row.reduce((sum, x, j) => sum + x * v[j]!, 0)),
  );
  const want = symmetric.reduce((sum, row, i) => sum + row[i]!, 0);
  assert.ok(trace.error > 0 && Math.abs(trace.value - want) < 4 * trace.error);
  const square = symmetric.flat().reduce((sum, x) => sum + x * x, 0);
  assert.ok(Math.abs(frobenius.value - Math.sqrt(square)) < 4 * frobenius.error);
  assert.deepEqual(estimate([3]), { value: 3, error: Infinity });
});
