/** @file Runs in order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Group } from '../_charts/runs.ts';
import { sorted } from './sorted.ts';
import type { TableRun } from './[id]/types.ts';

// of the fields of a run and a group only those that order looks at
const run = (id: string, seed: number, finals: TableRun['finals'], seconds: number | null = null) =>
  ({
    ...{ id, seed, finals, status: 'finished', startedAt: '2026-01-01T00:00:00Z' },
    endedAt: seconds === null ? null : new Date(Date.parse('2026-01-01T00:00:00Z') + 1000 * seconds).toISOString(),
  }) as unknown as TableRun;
const runs = [run('a', 1, { loss: 0.5 }, 9), run('b', 2, { loss: 'NaN' }), run('c', 1, { loss: 1e-9 }, 10), run('d', 2, null, 2)];
const groups = [
  { key: 'one', runs: [runs[0], runs[1]] },
  { key: 'two', runs: [runs[2], runs[3]] },
] as unknown as Group[];
const ids = (sort: string | null) =>
  sorted(groups, runs, sort)
    .map(({ run: { id } }) => id)
    .join('');

test('by group and seed unless a column is chosen; numbers by size, equal ones as they were', () => {
  assert.equal(ids(null), 'abcd');
  assert.equal(ids('seed'), 'acbd');
  assert.equal(ids('time'), 'dacb');
  assert.equal(ids('nonsense'), 'abcd');
  assert.equal(ids('__proto__'), 'abcd');
});

test('what has no number stands last, up and down', () => {
  assert.equal(ids('loss'), 'cabd');
  assert.equal(ids('-loss'), 'acbd');
});

test('a run that the answer does not hold yet is left out', () => {
  assert.deepEqual(sorted(groups, runs.slice(0, 1), null).length, 1);
});
