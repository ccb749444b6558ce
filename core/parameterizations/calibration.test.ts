/** @file Calibrated first rates against loops: gradients, updates and the layers of the second batch computed one number after another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Data } from '../define.ts';
import { slowChain } from '../programs/slowChain.fixture.ts';
import { assertClose, openSteps, smallSpec } from '../programs/steps.fixture.ts';
import { parseSpec } from '../spec.ts';

type Weights = ReadonlyMap<string, Float64Array>;
const chain = (depth: number, width: number) => ({ kind: 'mlpChain', depth, width });

/** Pre-activations of layer `upTo` for the rows of a batch, in loops. */
function preActivations(
  weights: Weights,
  names: readonly string[],
  { inputs, inputSize }: Data,
  batch: Int32Array,
  upTo: number,
): number[] {
  return Array.from(batch).flatMap((row) => {
    let x = Array.from(inputs.subarray(row * inputSize, (row + 1) * inputSize));
    let h: number[] = [];
    for (let l = 0; l <= upTo; l++) {
      const [kernel, bias] = [weights.get(`${names[l]}.weight`)!, weights.get(`${names[l]}.bias`)!];
      h = Array.from(bias, (b, j) => x.reduce((sum, value, i) => sum + value * kernel[i * bias.length + j]!, b));
      x = h.map(Math.tanh);
    }
    return h;
  });
}

for (const { m, depth, cap, batchSize } of [
  { m: 6, depth: 3, cap: 1e6, batchSize: 8 },
  { m: 6, depth: 3, cap: 500, batchSize: 8 }, // the published cap binds at some layers
  { m: 4, depth: 1, cap: 1e6, batchSize: 16 },
  { m: 9, depth: 5, cap: 1e6, batchSize: 12 },
])
  test(`L = ${depth}, m = ${m}, cap ${cap}: first rates and the first step equal explicit loops, stacked or alone`, () => {
    const spec = smallSpec({
      network: chain(depth, m),
      init: 'frameworkDefault',
      batchSize,
      optimizer: { kind: 'momentum', learningRate: 0.37, momentum: 0.9 },
      schedule: { kind: 'cosine', warmupSteps: 3 },
      parameterization: { kind: 'ipLlr', calibrate: true, largestBase: cap, inputFactor: true },
    });
    for (const groupLimit of [0, 1000]) {
      const steps = openSteps(spec, { groupLimit });
      const { plan, data } = steps;
      const [first, second] = [steps.step(), steps.step()];
      const names = plan.network.layers.map(({ name }) => name);
      const { gradients } = slowChain(plan.network, first.weights, data.train, first.batch);
      /** m to the power that c₀ and a come to, by the published table. */
      const power = (name: string, layer: number) => {
        if (name.endsWith('bias')) return layer === depth ? 0 : (depth - layer + 1) / 2;
        return layer === 0 ? (depth + 1) / 2 : layer === depth ? (depth - 3) / 2 : (depth - 2) / 2;
      };
      const weights = new Map([...first.weights].map(([name, values]) => [name, values.slice()]));
      const rates: number[] = [];
      names.forEach((layer, l) => {
        const before = preActivations(weights, names, data.train, second.batch, l);
        const move = (base: number) => {
          for (const name of [`${layer}.weight`, `${layer}.bias`]) {
            const rate = base * m ** power(name, l) * (l === 0 ? data.train.inputSize + 1 : 1);
            weights.set(
              name,
              first.weights.get(name)!.map((w, i) => w - rate * gradients.get(name)![i]!),
            );
          }
        };
        move(1);
        let base = 1;
        if (l > 0) {
          const after = preActivations(weights, names, data.train, second.batch, l);
          const change = after.reduce((sum, value, i) => sum + Math.abs(value - before[i]!), 0) / after.length;
          base = Math.min(cap, (l === depth ? 0.1 : 1) / change);
          move(base);
        }
        rates.push(base * m ** power(`${layer}.weight`, l) * (l === 0 ? data.train.inputSize + 1 : 1));
      });
      assertClose(
        first.metrics.layerLearningRate!.map((rate, l) => rate / rates[l]!),
        rates.map(() => 1),
        1e-9,
        'rates',
      );
      for (const [name, values] of weights) assertClose(first.next.get(name)!, values, 1e-9, name);
      if (cap > 500) {
        const before = preActivations(
          new Map([...first.next, ...ofLayer(first.weights, names.at(-1)!)]),
          names,
          data.train,
          second.batch,
          depth,
        );
        const after = preActivations(first.next, names, data.train, second.batch, depth);
        const change = after.reduce((sum, value, i) => sum + Math.abs(value - before[i]!), 0) / after.length;
        assert.ok(Math.abs(change - 0.1) < 1e-9, `the output moves by ${change}`);
      }
      // from the second step on: η, its schedule and the published later rates
      const eta = second.metrics.learningRate![0]!;
      assertClose(
        second.metrics.layerLearningRate!,
        names.map((_, l) => eta * (l === 0 ? m * (data.train.inputSize + 1) : l === depth ? 1 / m : 1)),
        1e-12,
      );
    }
  });

const ofLayer = (weights: Weights, layer: string) => [...weights].filter(([name]) => name.startsWith(`${layer}.`));

test('a full batch is calibrated on itself; Adam, whose steps do not grow with the gradient, is not calibrated', () => {
  const parameterization = { kind: 'ipLlr', calibrate: true, largestBase: 1e6 };
  const spec = (optimizer: object) => smallSpec({ network: chain(2, 5), parameterization, optimizer });
  const whole = openSteps(spec({ kind: 'gradientDescent', learningRate: 0.1 }));
  const { weights, next, batch } = whole.step();
  assert.ok(batch.length > 0);
  const all = Int32Array.from({ length: 40 }, (_, i) => i);
  const names = whole.plan.network.layers.map(({ name }) => name);
  const before = preActivations(new Map([...next, ...ofLayer(weights, 'layer2')]), names, whole.data.train, all, 1);
  const after = preActivations(next, names, whole.data.train, all, 1);
  const change = after.reduce((sum, value, i) => sum + Math.abs(value - before[i]!), 0) / after.length;
  assert.ok(Math.abs(change - 1) < 1e-9, `${change}`);
  const adam = { kind: 'adam', learningRate: 0.1 };
  assert.equal(openSteps(spec(adam)).plan.calibration, null);
  assert.deepEqual(
    openSteps(spec(adam)).step().next,
    openSteps(smallSpec({ network: chain(2, 5), parameterization: 'ipLlr', optimizer: adam })).step().next,
  );
});

test('the bound on calibrated rates counts in what float32 must hold', () => {
  const spec = (largestBase: number) => ({
    network: chain(40, 1024),
    parameterization: { kind: 'ipLlr', baseWidth: 24, calibrate: true, largestBase },
    optimizer: { kind: 'sgd', learningRate: 1e-6 },
  });
  parseSpec(spec(1));
  assert.throws(() => parseSpec(spec(1e6)), /the learning rate of a layer must be at most 1e\+37 in float32/);
});
