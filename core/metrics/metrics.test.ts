/** @file Step metrics against loops over the weights, gradients and activations of a step. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { slowChain } from '../programs/slowChain.fixture.ts';
import type { Data } from '../define.ts';
import { assertClose, column, dataOf, dot, norm, openSteps, smallSpec } from '../programs/steps.fixture.ts';
import { metrics as entries } from './index.ts';

test('every step metric equals loops over the weights, gradients and activations of the step', () => {
  for (const optimizer of ['sgd', 'momentum', 'adam']) {
    const steps = openSteps(smallSpec({ optimizer: { kind: optimizer, learningRate: 0.2 }, regularizer: 'l2' }));
    for (let t = 0; t < 4; t++) {
      const { weights, next, metrics, batch } = steps.step();
      const { network } = steps.plan;
      const slow = slowChain(network, weights, steps.data.train, batch);
      const perLayer = (of: (w: Float64Array, g: Float64Array, change: Float64Array, layer: number) => number) =>
        network.layers.map(({ name }, layer) => {
          const [w, after] = [weights.get(`${name}.weight`)!, next.get(`${name}.weight`)!];
          return of(
            w,
            slow.gradients.get(`${name}.weight`)!,
            after.map((value, i) => value - w[i]!),
            layer,
          );
        });
      const flat = slow.activations.map((rows) => rows.flat());
      const expected: Record<string, number[]> = {
        loss: [slow.loss],
        accuracy: [slow.accuracy],
        learningRate: [0.2],
        gradientGlobalNorm: [norm([...slow.gradients.values()].flatMap((values) => [...values]))],
        weightNorm: perLayer((w) => norm(w)),
        gradNorm: perLayer((_, g) => norm(g)),
        updateRatio: perLayer((w, _, change) => norm(change) / norm(w)),
        effectiveLearningRate: perLayer((w) => 0.2 / norm(w) ** 2),
        cosineWeightGradient: perLayer((w, g) => dot(w, g) / (norm(w) * norm(g))),
        weightAngle: perLayer((w, _, change) => {
          const after = w.map((value, i) => value + change[i]!);
          return Math.acos(dot(w, after) / (norm(w) * norm(after)));
        }),
        updateNorm: perLayer((_, g, change) => norm(change)),
        gradRatio: perLayer((_, g) => norm(g) / norm(slow.gradients.get('readout.weight')!)),
        relativeGradNorm: perLayer((w, g) => norm(g) / norm(w)),
        totalWeightNorm: [norm(perLayer((w) => norm(w)))],
        activationNorm: flat.map((values) => norm(values) / Math.sqrt(values.length)),
      };
      assert.deepEqual(Object.keys(metrics).sort(), Object.keys(expected).sort());
      for (const [name, values] of Object.entries(expected))
        assertClose(metrics[name]!, values, name === 'weightAngle' ? 1e-7 : 1e-9, name); // acos loses half the digits
    }
  }
});

test('the dead fraction counts the units that are zero on the whole batch', () => {
  const steps = openSteps(smallSpec({ activation: 'relu', network: { kind: 'mlpChain', depth: 2, width: 4, bias: true } }));
  steps.set('layer1.bias', Float64Array.of(-100, 0.5, -100, 0.5)); // two units that never fire
  const { metrics } = steps.step();
  assert.equal(metrics.deadFraction![0], 0.5);
  steps.set('layer2.bias', Float64Array.of(-100, -100, -100, -100));
  assert.equal(steps.step().metrics.deadFraction![1], 1);
});

test('a smooth network has no dead fraction, float targets have no accuracy', () => {
  assert.equal(openSteps(smallSpec()).step().metrics.deadFraction, undefined);
  const spec = smallSpec({ loss: 'meanSquaredError' });
  const { train, heldOut } = dataOf(spec);
  const values = { ...train, labels: undefined, values: Float64Array.from({ length: 120 }, (_, i) => Math.sin(i)) };
  const { metrics } = openSteps(spec, { data: { train: values as Data, heldOut } }).step();
  assert.equal(metrics.accuracy, undefined);
  assert.ok(metrics.loss![0]! > 0);
});

test('a homogeneous chain: ⟨w_ℓ, g_ℓ⟩ is the same number in every layer, for relu and for linear units', () => {
  for (const activation of ['relu', 'linear']) {
    const steps = openSteps(
      smallSpec({
        activation,
        init: 'he',
        network: { kind: 'mlpChain', depth: 5, width: 6, bias: false },
        optimizer: { kind: 'sgd', learningRate: 0.05 },
      }),
    );
    for (let t = 0; t < 3; t++) {
      const { metrics } = steps.step();
      const products = metrics.cosineWeightGradient!.map(
        (cosine, layer) => cosine * metrics.weightNorm![layer]! * metrics.gradNorm![layer]!,
      );
      assert.ok(Math.abs(products[0]!) > 1e-6);
      assertClose(
        products,
        products.map(() => products[0]!),
        1e-12,
      );
    }
  }
});

test('in front of batch normalization: ⟨w, g⟩ = 0 and ‖w′‖² = ‖w‖² + η²‖g‖² for plain SGD, filter by filter', () => {
  const network = { kind: 'mlpChain', depth: 2, width: 6, normalization: 'batchNorm', epsilon: 1e-12 };
  const eta = 0.3;
  const steps = openSteps(smallSpec({ network, activation: 'relu', batchSize: 20, optimizer: { kind: 'sgd', learningRate: eta } }));
  for (let t = 0; t < 20; t++) {
    const { weights, next, metrics } = steps.step();
    for (const layer of [0, 1]) assert.ok(Math.abs(metrics.cosineWeightGradient![layer]!) < 1e-9, String(metrics.cosineWeightGradient));
    for (const layer of ['layer1', 'layer2'])
      for (let j = 0; j < 6; j++) {
        const [w, after] = [column(weights.get(`${layer}.weight`)!, 6, j), column(next.get(`${layer}.weight`)!, 6, j)];
        const gradient = w.map((value, i) => (value - after[i]!) / eta);
        assert.ok(Math.abs(norm(after) ** 2 / (norm(w) ** 2 + (eta * norm(gradient)) ** 2) - 1) < 1e-9);
      }
  }
});

test('the angle of a tiny step is exact in float32 parts, where a cosine would be 1', () => {
  const { finish } = entries.weightAngle.step!;
  const part = (value: number) => Float64Array.of(Math.fround(value));
  assertClose(
    finish([part(1), part(1e-6), part(0)]).map((angle) => angle / 1e-6),
    [1],
    1e-6,
  );
  assertClose(finish([part(2), part(2), part(0)]), [Math.PI / 4], 1e-7);
  assertClose(finish([part(1), part(1e-3), part(1e-3)]), [0], 1e-9); // straight along the weights
});
