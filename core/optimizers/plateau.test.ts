/** @file Leaving the plateau of a deep chain: exponentially long for gradient descent, not for RMSprop and Adam. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { defaults } from '../catalog.ts';
import type { Optimizer } from '../define.ts';
import { createBuilder } from '../graph/builder.ts';
import { evaluate, planEvaluation } from '../graph/evaluate.ts';
import { rng } from '../rng.ts';
import { optimizers } from './index.ts';

/** Steps until a chain f = w₁…w_L at f(1) = 1, half the squared error, loses less than 0.05; from weights near 0.64. */
function escape(kind: string, changes: object, depth: number): number {
  const spread = rng(3, 'test');
  let w = Float64Array.from({ length: depth }, () => 0.64 * (1 + 0.1 * (spread.uniform() - 0.5)));
  const { slots, scalars, update } = optimizers[kind as keyof typeof optimizers] as Optimizer;
  const options = { ...defaults('optimizer', kind), ...changes };
  const g = createBuilder('float64');
  const stack = (name: string) => g.input(name, [1, depth]);
  const input = (name: string) => g.input(name, []);
  const none = () => assert.fail('there is none');
  const { change, slots: next } = update(
    g,
    {
      role: 'weight',
      weights: stack('w'),
      gradient: stack('gradient'),
      learningRate: g.constant(options.learningRate as number),
      inUnits: (value) => value,
      step: input('step'),
      slot: stack,
      memberSlot: none,
      scalar: input,
      noise: none,
      solution: none,
    },
    options,
  );
  const plan = planEvaluation([change, ...slots.map((slot) => next[slot]!)]);
  let memory: Record<string, Float64Array> = Object.fromEntries(slots.map((slot) => [slot, new Float64Array(depth)]));
  for (let step = 0; ; step++) {
    const f = w.reduce((product, value) => product * value, 1);
    if ((f - 1) ** 2 / 2 < 0.05) return step;
    const now = scalars?.(step + 1, options) ?? {};
    const feeds = Object.fromEntries(Object.entries(now).map(([name, value]) => [name, Float64Array.of(value)]));
    const [moved, ...kept] = evaluate(plan, { ...memory, ...feeds, w, gradient: w.map((value) => ((f - 1) * f) / value) });
    w = w.map((value, i) => value + moved![i]!);
    memory = Object.fromEntries(slots.map((slot, i) => [slot, kept[i] as Float64Array]));
  }
}

test('on a chain gradient descent takes exponentially long to leave the plateau, RMSprop and Adam do not mind the depth', () => {
  const [descent, rmsprop, adam] = [
    [5, 10, 15].map((depth) => escape('sgd', { learningRate: 0.05 }, depth)),
    [5, 15, 30].map((depth) => escape('rmsprop', { learningRate: 0.01 }, depth)),
    [5, 15, 30].map((depth) => escape('adam', { learningRate: 0.01 }, depth)),
  ];
  // counted by a program of its own in double precision, for other draws of the weights' spread, which moves them a little
  const near = (got: number[], want: number[], within: number) =>
    got.forEach((steps, i) => assert.ok(Math.abs(steps / want[i]! - 1) < within, `${got}, not ${want}`));
  near(descent!, [26, 93, 608], 0.3);
  near(rmsprop!, [19, 15, 13], 0.3);
  near(adam!, [29, 33, 36], 0.3);
});
