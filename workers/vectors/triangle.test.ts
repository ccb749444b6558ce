/** @file The pass over a triangle in WebAssembly beside the one in JavaScript; eigenvalues from either. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainRoom } from '#core/curvature/householder.ts';
import { symmetricEigen } from '#core/curvature/symmetric.ts';
import { rng } from '#core/rng.ts';
import { takeTriangle } from './triangle.ts';

const random = rng(6, 'test');

test('the pass is that of JavaScript from every row on, in memory that was used before', () => {
  // larger, then smaller: what another matrix left behind must not matter
  for (const n of [40, 1, 2, 3, 4, 5, 6, 7, 8, 21, 130])
    for (const from of new Set([0, 1, 2, 3, Math.floor(n / 2), n - 2, n - 1].filter((row) => row >= 0 && row < n))) {
      const [plain, fast] = [plainRoom(n), takeTriangle(n)];
      const both = [[plain.rows, fast.rows] as const, ...plain.vectors.map((vector, i) => [vector, fast.vectors[i]!] as const)];
      for (const [a, b] of both) a.forEach((_, i) => (a[i] = b[i] = random.normal()));
      for (const room of [plain, fast]) room.pass(from, 2, 3, 0, 1);
      for (const [a, b] of both)
        a.forEach((value, i) => assert.ok(Math.abs(value - b[i]!) < 1e-14 * n + 1e-14, `${n} from ${from}: ${value}, ${b[i]}`));
      fast.release();
    }
});

test('eigenvalues, and vectors of degenerate ones, as the room in JavaScript gives them', () => {
  for (const n of [1, 2, 5, 64, 301]) {
    // n/2 reflections of few values: each of them many times
    const matrix = Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? (at % 4) - 1 : 0));
    for (let k = 0; k < 3; k++) {
      const u = Float64Array.from({ length: n }, () => random.normal());
      const square = u.reduce((sum, x) => sum + x * x, 0);
      for (const [step, stride] of [[1, n] as const, [n, 1] as const])
        for (let line = 0; line < n; line++) {
          let along = 0;
          for (let i = 0; i < n; i++) along += u[i]! * matrix[line * stride + i * step]!;
          for (let i = 0; i < n; i++) matrix[line * stride + i * step]! -= ((2 * along) / square) * u[i]!;
        }
    }
    const [plain, fast] = [symmetricEigen(matrix, n), symmetricEigen(matrix, n, takeTriangle)];
    plain.values.forEach((value, i) => assert.ok(Math.abs(value - fast.values[i]!) < 1e-13, `${n}: ${value}, ${fast.values[i]}`));
    for (const i of [0, Math.floor(n / 2), n - 1]) assert.ok(fast.residual(i) < 1e-13 && fast.residual(i) > 0 === n > 1);
  }
});

test('a matrix that is refused gives its room back', () => {
  const matrix = new Float64Array(100).fill(NaN);
  assert.throws(() => symmetricEigen(matrix, 10, takeTriangle), /must be finite/);
  const [room, other] = [takeTriangle(10), takeTriangle(10)];
  assert.notEqual(room.rows.buffer, other.rows.buffer);
  for (const each of [room, other]) each.release();
});
