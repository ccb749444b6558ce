import assert from 'node:assert/strict';
import test from 'node:test';
import { entry } from '../catalog.ts';
import { slowChain } from '../programs/slowChain.fixture.ts';
import { assertClose, openSteps, smallSpec } from '../programs/steps.fixture.ts';
import { optimizers } from './index.ts';

/** One coordinate over four steps, by the textbook: gradients in, weight out. */
const byHand: Record<string, () => (w: number, g: number, t: number) => number> = {
  sgd: () => (w, g) => w - 0.1 * g,
  gradientDescent: () => (w, g) => w - 0.1 * g,
  momentum: () => {
    let u = 0;
    return (w, g) => w - 0.1 * (u = 0.8 * u + g);
  },
  adam: () => {
    let [m, v] = [0, 0];
    return (w, g, t) => {
      m = 0.7 * m + 0.3 * g;
      v = 0.95 * v + 0.05 * g * g;
      return w - (0.1 * (m / (1 - 0.7 ** t))) / (Math.sqrt(v / (1 - 0.95 ** t)) + 1e-3);
    };
  },
};
const options: Record<string, object> = { momentum: { momentum: 0.8 }, adam: { beta1: 0.7, beta2: 0.95, epsilon: 1e-3 } };

for (const kind of Object.keys(optimizers))
  test(`${kind}: four steps equal the computation by hand, coordinate by coordinate`, () => {
    const steps = openSteps(smallSpec({ optimizer: { kind, learningRate: 0.1, ...options[kind] } }));
    const hands = new Map<string, (w: number, g: number, t: number) => number>();
    const all = Int32Array.from({ length: 40 }, (_, i) => i);
    for (let t = 1; t <= 4; t++) {
      const { weights, next, batch } = steps.step();
      const { gradients } = slowChain(steps.plan.network, weights, steps.data.train, entry('optimizer', kind).fullBatch ? all : batch);
      for (const [name, values] of weights) {
        const expected = values.map((w, i) => {
          const key = `${name} ${i}`;
          if (!hands.has(key)) hands.set(key, byHand[kind]!());
          return hands.get(key)!(w, gradients.get(name)![i]!, t);
        });
        assertClose(next.get(name)!, expected, 1e-12, `${kind} ${name} at step ${t}`);
      }
    }
  });

test('the schedule multiplies the learning rate of every step', () => {
  const steps = openSteps(
    smallSpec({ steps: 10, optimizer: { kind: 'sgd', learningRate: 0.5 }, schedule: { kind: 'cosine', final: 0.1 } }),
  );
  const rates = Array.from({ length: 10 }, () => steps.step().metrics.learningRate![0]!);
  assertClose(
    rates,
    rates.map((_, t) => 0.5 * (0.1 + (0.9 * (1 + Math.cos((Math.PI * t) / 10))) / 2)),
    1e-12,
  );
});

test('learning rates below 0 and NaN are refused, 0 and 1e30 are not', () => {
  for (const learningRate of [-1e-9, NaN, Infinity, '0.1'])
    assert.throws(() => smallSpec({ optimizer: { kind: 'sgd', learningRate } }), /learningRate/);
  for (const learningRate of [0, 1e30]) assert.ok(smallSpec({ optimizer: { kind: 'sgd', learningRate } }));
});
