/** @file Which state of a run may follow which. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statuses } from '#core/protocol.ts';
import { after, ended, held } from './transitions.ts';
import type { Happening } from './transitions.ts';

const happenings: Happening[] = [
  'claim',
  'silent',
  'heard',
  'requeue',
  'giveUp',
  'release',
  'paused',
  'diverged',
  'stopped',
  'finished',
  'pause',
  'resume',
  'stop',
];

test('only a queued run is given out, and only a held one is silent, heard, lost or reported', () => {
  for (const status of statuses) {
    assert.equal(after(status, 'claim'), status === 'queued' ? 'running' : null);
    for (const happening of ['silent', 'heard', 'requeue', 'giveUp', 'release', 'paused', 'diverged', 'stopped', 'finished'] as const)
      assert.equal(after(status, happening) !== null, held.includes(status), `${status} ${happening}`);
  }
});

test('what has finished or diverged stays so', () => {
  for (const status of ['finished', 'diverged'] as const) for (const happening of happenings) assert.equal(after(status, happening), null);
});

test('a run can be resumed from paused, stopped and crashed, and goes through the queue', () => {
  for (const status of ['paused', 'stopped', 'crashed'] as const) assert.equal(after(status, 'resume'), 'queued');
});

test('a running run is paused by its worker, a stalled or queued one at once', () => {
  assert.deepEqual([after('running', 'pause'), after('stalled', 'pause'), after('queued', 'pause')], ['running', 'paused', 'paused']);
  assert.deepEqual([after('running', 'stop'), after('stalled', 'stop'), after('queued', 'stop')], ['running', 'stopped', 'stopped']);
});

test('every status can be reached, and every one that has not ended can end', () => {
  const reached = new Set(['queued']);
  for (let round = 0; round < statuses.length; round++)
    for (const status of statuses)
      if (reached.has(status)) for (const happening of happenings) reached.add(after(status, happening) ?? status);
  assert.deepEqual([...reached].sort(), [...statuses].sort());
  for (const status of statuses)
    if (!ended.includes(status))
      assert.ok(happenings.some((happening) => ended.includes(after(status, happening)!) || after(status, happening) === 'queued'));
});
