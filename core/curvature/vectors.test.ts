/** @file What leaves a vector when it is made orthogonal to rows, four at a time and by the rest. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { dot, leave, subtract } from './vectors.ts';

test('what is left is what one row after another leaves', () => {
  const n = 23;
  const random = rng(4, 'test');
  const rows: Float64Array[] = [];
  for (let count = 0; count <= 11; count++) {
    const x = Float64Array.from({ length: n }, () => random.normal());
    const [together, single] = [x.slice(), x.slice()];
    leave(together, rows);
    for (const row of rows) subtract(single, dot(single, row), row);
    for (const row of rows) assert.ok(Math.abs(dot(together, row)) < 1e-14);
    together.forEach((value, i) => assert.ok(Math.abs(value - single[i]!) < 1e-14));
    const length = Math.sqrt(dot(together, together));
    rows.push(together.map((value) => value / length));
  }
});
