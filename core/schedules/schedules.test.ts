/** @file Every schedule at steps where its factor is known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schedules } from './index.ts';

const close = (got: number, want: number) => assert.ok(Math.abs(got - want) < 1e-15, `${got}, not ${want}`);

test('constant is one, and rises linearly through a warm-up', () => {
  close(schedules.constant.factor(7, 100, { kind: 'constant', warmupSteps: 0 }), 1);
  const warm = [0, 1, 2, 3, 4].map((t) => schedules.constant.factor(t, 100, { kind: 'constant', warmupSteps: 3 }));
  warm.forEach((factor, t) => close(factor, Math.min(1, (t + 1) / 4)));
});

test('step falls by its factor at every multiple of the period', () => {
  const options = { kind: 'step', factor: 0.5, every: 10, warmupSteps: 0 };
  for (const [t, want] of [
    [0, 1],
    [9, 1],
    [10, 0.5],
    [29, 0.25],
    [30, 0.125],
  ] as const)
    close(schedules.step.factor(t, 100, options), want);
});

test('cosine goes from one over the middle to its final fraction, never up', () => {
  const options = { kind: 'cosine', final: 0.2, warmupSteps: 0 };
  close(schedules.cosine.factor(0, 100, options), 1);
  close(schedules.cosine.factor(50, 100, options), 0.6);
  close(schedules.cosine.factor(100, 100, options), 0.2);
  for (let t = 1; t <= 100; t++) assert.ok(schedules.cosine.factor(t, 100, options) < schedules.cosine.factor(t - 1, 100, options));
});

const plain = { final: 0.2, warmupSteps: 0 };
const decreasing = (factor: (t: number) => number, until: number) => {
  for (let t = 1; t <= until; t++) assert.ok(factor(t) < factor(t - 1), `step ${t}`);
};

test('linear, polynomial and exponential fall from one to their final fraction, each by its law', () => {
  const linear = (t: number) => schedules.linear.factor(t, 100, { kind: 'linear', ...plain });
  const polynomial = (t: number) => schedules.polynomial.factor(t, 100, { kind: 'polynomial', power: 2, ...plain });
  const exponential = (t: number) => schedules.exponential.factor(t, 100, { kind: 'exponential', ...plain });
  for (const [factor, half] of [
    [linear, 0.6],
    [polynomial, 0.2 + 0.8 / 4],
    [exponential, Math.sqrt(0.2)],
  ] as const) {
    close(factor(0), 1);
    close(factor(50), half);
    close(factor(100), 0.2);
    decreasing(factor, 100);
  }
});

test('the inverse square root halves after three time scales and needs no end', () => {
  const factor = (t: number, steps: number) =>
    schedules.inverseSquareRoot.factor(t, steps, { kind: 'inverseSquareRoot', scale: 10, warmupSteps: 0 });
  close(factor(0, 7), 1);
  close(factor(30, 7), 0.5);
  close(factor(30, 7_000), 0.5);
});

test('restarts begin again at every multiple of the period', () => {
  const factor = (t: number) => schedules.restarts.factor(t, 1000, { kind: 'restarts', period: 20, ...plain });
  close(factor(0), 1);
  close(factor(10), 0.6);
  close(factor(20), 1);
  close(factor(47), factor(7));
  decreasing(factor, 19);
});

test('cyclical climbs and falls along straight lines, each peak lower by its factor', () => {
  const factor = (t: number) => schedules.cyclical.factor(t, 7, { kind: 'cyclical', floor: 0.2, period: 20, damping: 0.5, warmupSteps: 0 });
  for (const [t, want] of [
    [0, 0.2],
    [5, 0.6],
    [10, 1],
    [15, 0.6],
    [20, 0.1],
    [30, 0.5],
    [45, 0.15],
  ] as const)
    close(factor(t), want);
});

test('every schedule rises through its warm-up by the same line', () => {
  for (const { card, fields, factor } of Object.values(schedules)) {
    const options = Object.fromEntries(Object.entries(fields).map(([field, { default: value }]) => [field, value]));
    const at = (t: number, warmupSteps: number) => factor(t, 1000, { ...options, kind: card.name, warmupSteps });
    for (const t of [0, 1, 7, 8, 9, 500]) close(at(t, 9), at(t, 0) * Math.min(1, (t + 1) / 10));
  }
});

test('one cycle rises to one at its share of the run and falls to its end', () => {
  const factor = (t: number) =>
    schedules.oneCycle.factor(t, 100, { kind: 'oneCycle', rise: 0.3, start: 0.04, final: 0.01, warmupSteps: 0 });
  close(factor(0), 0.04);
  close(factor(15), 0.52);
  close(factor(30), 1);
  close(factor(65), 0.505);
  close(factor(100), 0.01);
});

test('every schedule stays within 0 and 1 from its first step to its last', () => {
  for (const schedule of Object.values(schedules)) {
    const options = {
      kind: schedule.card.name,
      ...Object.fromEntries(Object.entries(schedule.fields).map(([field, { default: value }]) => [field, value])),
    };
    for (const steps of [1, 2, 1000])
      for (let t = 0; t < steps; t++) assert.ok(schedule.factor(t, steps, options) >= 0 && schedule.factor(t, steps, options) <= 1);
  }
});
