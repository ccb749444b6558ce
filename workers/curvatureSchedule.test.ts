/** @file The share of wall time that curvature takes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCurvatureSchedule } from './curvatureSchedule.ts';

test('a stated share is kept: 20% of the time within one measurement', () => {
  const schedule = createCurvatureSchedule({ share: 0.2, every: 'auto' }, 10_000);
  let measurements = 0;
  for (let step = 0; step < 5000; step++) {
    if (schedule.due(step)) {
      schedule.measured(40);
      measurements++;
    }
    schedule.trained(1);
  }
  const total = 5000 + 40 * measurements;
  assert.ok((40 * measurements) / total <= 0.2 && (40 * measurements) / total > 0.19, `${measurements} measurements`);
  assert.equal(schedule.share(), (40 * measurements) / total);
});

test('the last step is measured however much has gone into it, not with a share of 0', () => {
  for (const share of [0, 0.01]) {
    const schedule = createCurvatureSchedule({ share, every: 'auto' }, 40);
    schedule.measured(1e9);
    schedule.trained(1);
    assert.deepEqual([39, 40].map(schedule.due), [false, share > 0]);
  }
  assert.equal(createCurvatureSchedule({ share: 0.2, every: 30 }, 40).due(40), false);
});

test('step 0 is always measured, and a share of 0 measures nothing else', () => {
  const schedule = createCurvatureSchedule({ share: 0, every: 'auto' }, 10_000);
  assert.ok(schedule.due(0));
  schedule.measured(5);
  schedule.trained(1e9);
  assert.equal(schedule.due(1), false);
});

test('fixed steps ignore the clock', () => {
  const schedule = createCurvatureSchedule({ share: 0, every: 50 }, 10_000);
  schedule.measured(1e6);
  assert.deepEqual([0, 1, 49, 50, 100].map(schedule.due), [true, false, false, true, true]);
});

test('compiling delays no measurement, but is in the share that is told', () => {
  const [lazy, ready] = [
    createCurvatureSchedule({ share: 0.2, every: 'auto' }, 10_000),
    createCurvatureSchedule({ share: 0.2, every: 'auto' }, 10_000),
  ];
  lazy.measured(1040, 1000);
  ready.measured(40);
  for (let step = 1; step < 400; step++) {
    lazy.trained(1);
    ready.trained(1);
    assert.equal(lazy.due(step), ready.due(step));
  }
  assert.ok(lazy.due(400));
  assert.equal(lazy.share(), 1040 / 1439);
  assert.equal(ready.share(), 40 / 439);
});
