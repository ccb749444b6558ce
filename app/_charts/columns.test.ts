/** @file Columns of a row: what they are called, and those that never hold a number. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aligned } from './align.ts';
import { columnNames, neverNumbers, sayNever } from './columns.ts';

test('layers have their names, eigenvalues their rank, whatever the layers are called', () => {
  const layers = [{ name: 'hidden' }];
  assert.deepEqual(columnNames('layer', 2, layers), ['hidden', 'layer 2']);
  assert.deepEqual(columnNames('eigenvalue', 12, layers).slice(8), ['λ₉', 'λ₁₀', 'λ₁₁', 'λ₁₂']);
});

/** Rows of one run; NaN and infinity carry their flags, `null` is a step at which nothing was measured. */
function alignedOf(rows: readonly (readonly (number | null)[])[]): Aligned {
  const cells = rows.flat();
  const mean = Float64Array.from(cells, (value) => (value === null || !Number.isFinite(value) ? NaN : value));
  const flags = Uint8Array.from(cells, (value) => (value === null ? 0 : Number.isNaN(value) ? 1 : Number.isFinite(value) ? 0 : 2));
  return { steps: rows.map((_, i) => i), width: rows[0]!.length, each: 1, mean: [mean], min: [mean], max: [mean], flags: [flags] };
}

test('a layer that is NaN in every row is named once; one that was a number, is infinite, or was not measured is not', () => {
  const never = (rows: (number | null)[][]) => [...neverNumbers(alignedOf(rows), [0])];
  const rows = [
    [NaN, 1, NaN, null, 3],
    [NaN, NaN, Infinity, null, 3],
  ];
  assert.deepEqual(never(rows), [0]);
  assert.deepEqual(never([[NaN, NaN]]), [], 'where nothing is a number all are marked');
});

test('a few are called by their names, many are counted', () => {
  const names = columnNames('layer', 6, null);
  assert.equal(sayNever(new Set(), names), false);
  assert.equal(sayNever(new Set([0, 2]), names), 'NaN throughout: layer 1, layer 3');
  assert.equal(sayNever(new Set([0, 1, 2, 3, 4]), names), 'NaN throughout: 5 of 6');
});
