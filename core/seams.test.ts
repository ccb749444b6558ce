/** @file Seams of attempts: of all rows of a step, which one counts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOfAttempt, liveRows } from './seams.ts';

const seams = [
  { attempt: 2, step: 50 },
  { attempt: 3, step: 30 },
  { attempt: 4, step: 80 },
];

test('an attempt counts up to the earliest step at which a later one took over', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((attempt) => endOfAttempt(seams, attempt)),
    [30, 30, 80, Infinity, Infinity],
  );
});

test('rows at or after the seam do not count', () => {
  const steps = Float64Array.from({ length: 100 }, (_, step) => step);
  assert.deepEqual(
    [1, 2, 3, 4].map((attempt) => liveRows(steps, attempt, seams)),
    [30, 30, 80, 100],
  );
  assert.equal(liveRows(Float64Array.of(29, 30, 30, 31), 1, seams), 1);
  assert.equal(liveRows(new Float64Array(0), 1, seams), 0);
  assert.equal(liveRows(steps, 1, []), 100);
});

test('of all attempts together each step counts once', () => {
  const count = new Map<number, number>();
  const recorded: [number, number, number][] = [
    [1, 0, 60],
    [2, 50, 70],
    [3, 30, 90],
    [4, 80, 120],
  ];
  for (const [attempt, from, to] of recorded) {
    const steps = Float64Array.from({ length: to - from }, (_, at) => from + at);
    for (let row = 0; row < liveRows(steps, attempt, seams); row++) count.set(steps[row]!, (count.get(steps[row]!) ?? 0) + 1);
  }
  assert.equal(count.size, 120);
  assert.ok([...count.values()].every((times) => times === 1));
});
