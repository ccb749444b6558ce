/** @file The dense symmetric solver against known spectra. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { eigenbasis, symmetricEigen } from './symmetric.ts';

/** Q D Qᵀ for random reflections Q: a dense matrix whose spectrum is known. */
function dense(spectrum: readonly number[], seed = 1): Float64Array {
  const n = spectrum.length;
  const random = rng(seed, 'test');
  const a = new Float64Array(n * n);
  spectrum.forEach((value, i) => (a[i * n + i] = value));
  for (let k = 0; k < 3; k++) {
    const v = Float64Array.from({ length: n }, () => random.normal());
    const square = v.reduce((sum, x) => sum + x * x, 0);
    for (const [step, stride] of [[1, n] as const, [n, 1] as const])
      for (let line = 0; line < n; line++) {
        let sum = 0;
        for (let i = 0; i < n; i++) sum += v[i]! * a[line * stride + i * step]!;
        for (let i = 0; i < n; i++) a[line * stride + i * step]! -= ((2 * sum) / square) * v[i]!;
      }
  }
  return a;
}

function check(matrix: Float64Array, spectrum: readonly number[], tolerance: number) {
  const n = spectrum.length;
  const wanted = [...spectrum].sort((a, b) => b - a);
  const scale = Math.max(...wanted.map(Math.abs), 1e-300);
  const { values, residual, vector } = symmetricEigen(matrix, n);
  wanted.forEach((value, i) => {
    assert.ok(Math.abs(values[i]! - value) <= tolerance * scale, `value ${i} is ${values[i]} instead of ${value}`);
    assert.ok(residual(i) <= 20 * tolerance * scale, `residual ${i} is ${residual(i)}`);
    assert.ok(Math.abs(vector(i).reduce((sum, x) => sum + x * x, 0) - 1) < 1e-12);
  });
}

test('a dense matrix of known spectrum gives it back to 1e-13 of the largest, signs and multiplicities included', () => {
  for (const n of [1, 2, 3, 10, 60]) {
    const spectrum = Array.from({ length: n }, (_, i) => Math.sin(7 * i + 1) * 10 ** (i % 5));
    check(dense(spectrum), spectrum, 1e-13);
  }
  check(dense([5, 5, 5, -2, -2, 0, 0, 0]), [5, 5, 5, -2, -2, 0, 0, 0], 1e-14);
  check(
    dense([85.5, -127.6, ...Array.from({ length: 40 }, (_, i) => 1e-6 * i)]),
    [85.5, -127.6, ...Array.from({ length: 40 }, (_, i) => 1e-6 * i)],
    1e-13,
  );
});

test('a matrix of low rank, whose other eigenvalues are rounding noise', () => {
  const n = 300;
  const random = rng(3, 'test');
  const factors = Array.from({ length: 4 }, () => Float64Array.from({ length: n }, () => random.normal()));
  const matrix = Float64Array.from({ length: n * n }, (_, at) =>
    factors.reduce((sum, u, k) => sum + (k - 1.5) * u[Math.floor(at / n)]! * u[at % n]!, 0),
  );
  const { values } = symmetricEigen(matrix, n);
  assert.equal(values.filter((value) => Math.abs(value) > 1e-9).length, 4);
  assert.ok(Math.abs(values.reduce((sum, x) => sum + x, 0) - matrix.reduce((sum, x, at) => sum + (at % (n + 1) === 0 ? x : 0), 0)) < 1e-9);
});

test('diagonal matrices, the zero matrix and sizes near the ends of float64 are exact', () => {
  check(Float64Array.of(3, 0, 0, 0, -1, 0, 0, 0, 2), [3, -1, 2], 1e-15);
  check(new Float64Array(16), [0, 0, 0, 0], 1e-15);
  for (const size of [1e-200, 1e200])
    check(
      dense([3, -1, 2, 0.5]).map((x) => x * size),
      [3, -1, 2, 0.5].map((x) => x * size),
      1e-14,
    );
});

test('the Hilbert matrix: smallest and largest eigenvalue of order 6', () => {
  const hilbert = Float64Array.from({ length: 36 }, (_, k) => 1 / (Math.floor(k / 6) + (k % 6) + 1));
  const { values } = symmetricEigen(hilbert, 6);
  assert.ok(Math.abs(values[0]! - 1.6188998589243391) < 1e-14);
  assert.ok(Math.abs(values[5]! - 1.0827994845653e-7) < 1e-15);
});

test('what is not a finite square matrix is refused', () => {
  assert.throws(() => symmetricEigen([1, 2, 3], 2), /2 rows take 4 entries, got 3/);
  assert.throws(() => symmetricEigen([1, NaN, NaN, 1], 2), /must be finite, got NaN at \[0, 1\]/);
});

test('a basis of eigenvectors is orthonormal in degenerate spaces too, and diagonalizes the matrix', () => {
  // a circulant: every eigenvalue but one is double
  const n = 9;
  const symmetric = Float64Array.from({ length: n * n }, (_, at) => {
    const apart = Math.abs((at % n) - Math.floor(at / n));
    return 1 / (1 + Math.min(apart, n - apart) ** 2);
  });
  const eigen = symmetricEigen(symmetric, n);
  const basis = eigenbasis(eigen, [...eigen.values.keys()]);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const product = basis[i]!.reduce((sum, value, k) => sum + value * basis[j]![k]!, 0);
      assert.ok(Math.abs(product - (i === j ? 1 : 0)) < 1e-13, `${i}, ${j}: ${product}`);
      const along = basis[i]!.reduce(
        (sum, value, k) => sum + value * basis[j]!.reduce((of, other, l) => of + symmetric[k * n + l]! * other, 0),
        0,
      );
      assert.ok(Math.abs(along - (i === j ? eigen.values[i]! : 0)) < 1e-12);
    }
});
