/** @file Singular values against one-sided Jacobi rotations and known spectra. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { rng } from '../rng.ts';
import { jacobiSingularValues } from './jacobi.fixture.ts';
import { singularValues, type Matrix } from './singular.ts';

const random = rng(3, 'test');
const gaussian = (rows: number, columns: number): Matrix => ({
  rows,
  columns,
  values: Float64Array.from({ length: rows * columns }, () => random.normal()),
});

test('random matrices of every shape: within 1e-13 of the largest of what Jacobi rotations say', () => {
  for (const [rows, columns] of [
    [1, 1],
    [1, 5],
    [5, 1],
    [4, 4],
    [7, 3],
    [3, 7],
    [30, 30],
    [60, 12],
  ] as const) {
    const matrix = gaussian(rows, columns);
    const [fast, slow] = [singularValues(matrix), jacobiSingularValues(matrix)];
    assert.equal(fast.length, Math.min(rows, columns));
    fast.forEach((value, i) => assert.ok(Math.abs(value - slow[i]!) <= 1e-13 * slow[0]!, `${rows} x ${columns}: ${value} and ${slow[i]}`));
  }
});

test('lost directions come out as zeros to rounding, tiny ones are not lost in the square of the matrix', () => {
  const [u, v] = [gaussian(20, 1).values, gaussian(9, 1).values];
  const outer: Matrix = {
    rows: 20,
    columns: 9,
    values: Float64Array.from({ length: 180 }, (_, at) => u[Math.floor(at / 9)]! * v[at % 9]!),
  };
  const [largest, ...rest] = singularValues(outer);
  assert.ok(Math.abs(largest! / (Math.hypot(...u) * Math.hypot(...v)) - 1) < 1e-14);
  assert.ok(Math.max(...rest) <= 1e-14 * largest!);
  const diagonal: Matrix = { rows: 3, columns: 3, values: Float64Array.of(0, 2, 0, 0, 0, 3e-12, 1, 0, 0) };
  [2, 1, 3e-12].forEach((value, i) => assert.ok(Math.abs(singularValues(diagonal)[i]! - value) < 1e-15));
});

test('zeros give zeros, huge and tiny entries keep their size, what is not finite gives NaN', () => {
  assert.deepEqual([...singularValues({ rows: 3, columns: 2, values: new Float64Array(6) })], [0, 0]);
  for (const size of [1e200, 1e-200])
    assert.ok(Math.abs(singularValues({ rows: 1, columns: 2, values: Float64Array.of(3 * size, 4 * size) })[0]! / (5 * size) - 1) < 1e-15);
  for (const bad of [NaN, Infinity])
    assert.deepEqual([...singularValues({ rows: 2, columns: 2, values: Float64Array.of(1, bad, 0, 1) })], [NaN, NaN]);
});
