/** @file Clipping against loops: thresholds to the bit, coupled decay behind it, norms whose squares vanish or overflow. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { createBuilder } from '../graph/builder.ts';
import { globalNorm } from '../graph/compose.ts';
import { evaluate } from '../graph/evaluate.ts';
import { slowChain } from '../programs/slowChain.fixture.ts';
import { assertClose, norm, openSteps, smallSpec } from '../programs/steps.fixture.ts';
import { clippings } from './index.ts';

const eta = 0.5;
const opened = (clipping: object, changes: object = {}) =>
  openSteps(smallSpec({ optimizer: { kind: 'sgd', learningRate: eta }, clipping, ...changes }));
const all = (values: ReadonlyMap<string, Float64Array>) => [...values.values()].flatMap((part) => [...part]);

/** Gradients of one step in loops, what each clipping makes of them, and the share it changes. */
const byHand: Record<string, (gradient: number[], threshold: number) => { seen: (value: number) => number; fraction: number }> = {
  none: () => ({ seen: (value) => value, fraction: NaN }),
  globalNorm: (gradient, threshold) => ({
    seen: (value) => (norm(gradient) > threshold ? (value * threshold) / norm(gradient) : value),
    fraction: norm(gradient) > threshold ? 1 : 0,
  }),
  value: (gradient, threshold) => ({
    seen: (value) => Math.sign(value) * Math.min(Math.abs(value), threshold),
    fraction: gradient.filter((value) => Math.abs(value) > threshold).length / gradient.length,
  }),
};

for (const [kind, { fields }] of Object.entries(clippings))
  test(`${kind}: five steps over all stacks equal the loops, above and below the threshold`, () => {
    for (const threshold of [0.01, 0.2, 100]) {
      const steps = opened({ kind, ...('threshold' in fields ? { threshold } : {}) });
      for (let t = 0; t < 5; t++) {
        const { weights, next, metrics, batch } = steps.step();
        const { gradients } = slowChain(steps.plan.network, weights, steps.data.train, batch);
        const { seen, fraction } = byHand[kind]!(all(gradients), threshold);
        for (const [name, values] of weights) {
          const expected = values.map((w, i) => w - eta * seen(gradients.get(name)![i]!));
          assertClose(next.get(name)!, expected, 1e-12, `${kind} ${threshold} ${name} at step ${t}`);
        }
        assertClose(metrics.gradientGlobalNorm!, [norm(all(gradients))], 1e-12, 'before clipping');
        if (Number.isNaN(fraction)) assert.equal(metrics.clippedFraction, undefined);
        else assertClose(metrics.clippedFraction!, [fraction], 1e-12, 'fraction');
      }
    }
  });

test('a gradient below the threshold stays as it is, to the bit', () => {
  const free = opened({ kind: 'none' });
  for (const clipped of [opened({ kind: 'globalNorm', threshold: 1e9 }), opened({ kind: 'value', threshold: 1e9 })])
    assert.deepEqual(clipped.step().next, openSteps(free.plan.spec).step().next);
});

test('what is clipped is the gradient of the loss: coupled decay is added after it', () => {
  const regularizer = { kind: 'l2', coefficient: 0.3 };
  const steps = opened({ kind: 'value', threshold: 1e-12 }, { regularizer }).step();
  for (const [name, values] of steps.weights)
    if (name.endsWith('weight'))
      assertClose(
        steps.next.get(name)!,
        values.map((w) => w - eta * 0.3 * w),
        1e-11,
        name,
      );
});

test('the global norm of gradients whose squares would vanish or overflow is right', () => {
  for (const size of [1e-200, 1e200]) {
    const g = createBuilder('float64');
    const stacks = [g.input('a', [2, 2, 3]), g.input('b', [3, 1]), g.input('c', [1, 2, 2, 1, 1])];
    const feeds = Object.fromEntries(
      stacks.map(({ attrs, shape }) => [String(attrs.name), new Float64Array(shape.reduce((product, n) => product * n, 1)).fill(size)]),
    );
    assertClose(
      evaluate([globalNorm(g, stacks)], feeds)[0]!.map((value) => value / size),
      [Math.sqrt(12 + 3 + 4)],
      1e-14,
    );
  }
});

test('a threshold of 0 or below is refused', () => {
  for (const threshold of [0, -1, NaN]) assert.throws(() => opened({ kind: 'globalNorm', threshold }), /clipping\.threshold/);
});
