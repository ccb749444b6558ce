/** @file The tridiagonal form beside its definition: the pass by plain loops, A = Q T Qᵀ. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { plainRoom, tridiagonalize } from './householder.ts';

const sizes = [1, 2, 3, 4, 7, 12, 33];
const random = rng(5, 'test');
const fill = (values: Float64Array) => values.forEach((_, i) => (values[i] = random.normal()));

test('a pass subtracts v wᵀ + w vᵀ behind a row, and multiplies what is left by u', () => {
  for (const n of sizes)
    for (const from of [0, 1, n - 1]) {
      const room = plainRoom(n);
      [room.rows, ...room.vectors].forEach(fill);
      const [before, [v, w, u]] = [room.rows.slice(), room.vectors];
      const at = (i: number, j: number) => Math.min(i, j) * n - (Math.min(i, j) * (Math.min(i, j) + 1)) / 2 + Math.max(i, j);
      room.pass(from, 0, 1, 2, 3);
      for (let i = 0; i < n; i++) {
        let product = 0;
        for (let j = 0; j < n; j++) {
          const wanted = before[at(i, j)]! - (Math.min(i, j) < from ? 0 : v[i]! * w[j]! + w[i]! * v[j]!);
          assert.ok(Math.abs(room.rows[at(i, j)]! - wanted) < 1e-13);
          if (j >= from) product += wanted * u[j]!;
        }
        if (i >= from) assert.ok(Math.abs(room.vectors[3][i]! - product) < 1e-12, `${n}, ${from}: ${i}`);
      }
    }
});

test('Q T Qᵀ is the matrix again, and Q has orthonormal columns', () => {
  for (const n of sizes) {
    const room = plainRoom(n);
    const a = Array.from({ length: n }, () => new Float64Array(n));
    for (let i = 0, at = 0; i < n; i++)
      for (let j = i; j < n; j++) room.rows[at++] = a[i]![j] = a[j]![i] = n === 12 && i < 4 && j !== i ? 0 : random.normal(); // rows that are done
    const { diagonal, offDiagonal, back } = tridiagonalize(room, n);
    const q = Array.from({ length: n }, (_, k) => {
      const unit = new Float64Array(n);
      unit[k] = 1;
      back(unit);
      return unit; // column k
    });
    const t = (k: number, l: number) => (k === l ? diagonal[k]! : Math.abs(k - l) === 1 ? offDiagonal[Math.min(k, l)]! : 0);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let [again, product] = [0, 0];
        for (let k = 0; k < n; k++) {
          product += q[i]![k]! * q[j]![k]!;
          for (let l = Math.max(0, k - 1); l <= Math.min(n - 1, k + 1); l++) again += q[k]![i]! * t(k, l) * q[l]![j]!;
        }
        assert.ok(Math.abs(again - a[i]![j]!) < 1e-13 * n, `${n}: [${i}, ${j}]`);
        assert.ok(Math.abs(product - Number(i === j)) < 1e-14 * n);
      }
  }
});
