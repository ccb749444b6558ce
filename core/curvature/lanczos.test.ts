/** @file Lanczos and its tridiagonal solver against known spectra. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lanczos, ritzSpectrum, settled } from './lanczos.ts';
import { tridiagonalEigen } from './tridiagonal.ts';

const diagonal = (values: number[]) => (v: Float64Array) => v.map((x, i) => x * values[i]!);
const start = (n: number) => Float64Array.from({ length: n }, (_, i) => Math.cos(1 + 3.7 * i) + 0.3);

test('the tridiagonal solver knows the discrete Laplacian: 2 - 2 cos(kπ/(n+1))', () => {
  for (const n of [1, 2, 5, 40]) {
    const pairs = tridiagonalEigen(new Array<number>(n).fill(2), new Array<number>(n - 1).fill(-1));
    pairs.forEach(({ value, vector }, i) => {
      assert.ok(Math.abs(value - (2 - 2 * Math.cos(((n - i) * Math.PI) / (n + 1)))) < 1e-13 * n);
      for (let row = 0; row < n; row++) {
        const residual = 2 * vector[row]! - (vector[row - 1] ?? 0) - (vector[row + 1] ?? 0) - value * vector[row]!;
        assert.ok(Math.abs(residual) < 1e-13 * n, `row ${row} of T v - λ v is ${residual}`);
      }
    });
  }
});

test('the tridiagonal solver takes zero couplings, repeated values and refuses NaN', () => {
  assert.deepEqual(
    tridiagonalEigen([3, 1, 3], [0, 0]).map(({ value }) => value),
    [3, 3, 1],
  );
  assert.throws(() => tridiagonalEigen([1, NaN], [0]), /must be finite, got NaN/);
  assert.throws(() => tridiagonalEigen([1, 2], []), /take 1 off-diagonal ones, got 0/);
});

test('lanczos finds the eigenvalues of diag(1…50), with full rank all of them', () => {
  const { values } = lanczos(diagonal(Array.from({ length: 50 }, (_, i) => i + 1)), start(50), 50);
  assert.equal(values.length, 50);
  values.forEach(({ value }, i) => assert.ok(Math.abs(value - (50 - i)) < 1e-10));
});

test('with few products both signed ends are found, and each value is within its residual of an eigenvalue', () => {
  const spectrum = Array.from({ length: 200 }, (_, i) => Math.sin(i)).concat([85.5, -127.6]);
  const { values, rank } = lanczos(diagonal(spectrum), start(202), 12);
  assert.equal(rank, 12);
  assert.ok(Math.abs(values[0]!.value - 85.5) < 1e-9);
  assert.ok(Math.abs(values.at(-1)!.value + 127.6) < 1e-9);
  for (const { value, residual } of values) assert.ok(Math.min(...spectrum.map((x) => Math.abs(x - value))) <= residual + 1e-12);
});

test('an exhausted Krylov space ends the run: rank 2 operators give two values, the zero operator one', () => {
  const two = lanczos(diagonal([5, -3, 0, 0, 0, 0]), Float64Array.of(1, 1, 0, 0, 0, 0), 6);
  assert.deepEqual(
    two.values.map(({ value }) => Math.round(value * 1e12) / 1e12),
    [5, -3],
  );
  const zero = lanczos((v) => v.map(() => 0), start(6), 6);
  assert.deepEqual(
    zero.values.map(({ value, residual }) => [value, residual]),
    [[0, 0]],
  );
  assert.throws(() => lanczos((v) => v, new Float64Array(3), 2), /must be positive and finite, got 0/);
});

test('what comes after the space was exhausted is noise and cut off', () => {
  const { rank, values } = ritzSpectrum([2, 1, 999], [1, 1e-9, 5], 1e-6);
  assert.equal(rank, 2);
  assert.ok(values.every(({ value }) => value < 4));
});

test('a degenerate top eigenvalue shows once, with a residual that says it is exact', () => {
  const { values } = lanczos(diagonal([7, 7, 7, 1, 2, 3]), start(6), 6);
  assert.ok(Math.abs(values[0]!.value - 7) < 1e-12);
  assert.ok(values[0]!.residual < 1e-6);
  assert.equal(values.filter(({ value }) => Math.abs(value - 7) < 1e-6).length, 1);
});

test('settled ends are right to the share that is asked for, and are not called so before', () => {
  const spectra = [
    [30, 12, ...Array.from({ length: 58 }, (_, i) => Math.sin(i)), -8],
    [9, 8.9, ...Array.from({ length: 58 }, (_, i) => Math.cos(i)), -2],
    Array.from({ length: 60 }, (_, i) => 1.2 ** -i),
  ];
  for (const spectrum of spectra)
    for (const tolerance of [1e-1, 1e-2, 1e-4]) {
      const [top, bottom] = [Math.max(...spectrum), Math.min(...spectrum)];
      const ranks = Array.from({ length: 30 }, (_, i) => i + 1);
      const called = ranks.filter((rank) => {
        const found = lanczos(diagonal(spectrum), start(spectrum.length), rank);
        if (!settled(found, { top: 1, bottom: true, tolerance })) return false;
        const [high, low] = [found.values[0]!.value, found.values.at(-1)!.value];
        assert.ok(Math.abs(high - top) <= tolerance * Math.abs(high), `top ${high} of ${top} after ${rank}`);
        assert.ok(Math.abs(low - bottom) <= tolerance * Math.abs(low), `bottom ${low} of ${bottom} after ${rank}`);
        return true;
      });
      if (spectrum !== spectra[2]) assert.ok(called.length > 0, `${tolerance} is never reached`);
      assert.ok(!called.includes(1) && !called.includes(2));
    }
});
