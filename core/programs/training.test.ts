/** @file A training step against loops and central differences, with parameters stacked and alone. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { catalog } from '../catalog.ts';
import { batchOrder } from './batches.ts';
import { planRun } from './plan.ts';
import { slowChain } from './slowChain.fixture.ts';
import { assertClose, dataOf, openSteps, smallSpec } from './steps.fixture.ts';
import { trainingProgram } from './training.ts';

test('a step of plain SGD equals the loops: loss, accuracy, every weight', () => {
  const steps = openSteps(smallSpec({ optimizer: { kind: 'sgd', learningRate: 0.3 } }));
  for (let t = 0; t < 5; t++) {
    const { weights, next, metrics, batch } = steps.step();
    const slow = slowChain(steps.plan.network, weights, steps.data.train, batch);
    assertClose(metrics.loss!, [slow.loss], 1e-12, 'loss');
    assertClose(metrics.accuracy!, [slow.accuracy], 1e-12, 'accuracy');
    for (const [name, values] of weights)
      assertClose(
        next.get(name)!,
        values.map((w, i) => w - 0.3 * slow.gradients.get(name)![i]!),
        1e-12,
        name,
      );
  }
});

test('the change of weights is the gradient by central differences, with batch and layer normalization and in residual networks', () => {
  const networks = [
    { kind: 'mlpChain', depth: 2, width: 4, normalization: 'batchNorm' },
    { kind: 'mlpChain', depth: 2, width: 4, normalization: 'layerNorm' },
    { kind: 'resnet', depth: 2, width: 4, branch: 'res1', normalization: 'batchNorm' },
    { kind: 'resnet', depth: 2, width: 4, branch: 'res3' },
  ];
  for (const network of networks)
    for (const loss of ['softmaxCrossEntropy', 'meanSquaredError']) {
      const spec = smallSpec({ network, loss, optimizer: { kind: 'gradientDescent', learningRate: 1 } });
      const { weights, next } = openSteps(spec).step();
      const lossAt = (name: string, i: number, shift: number): number => {
        const moved = openSteps(spec);
        moved.set(name, weights.get(name)!.with(i, weights.get(name)![i]! + shift));
        return moved.step().metrics.loss![0]!;
      };
      for (const [name, values] of weights)
        for (const i of [0, values.length - 1]) {
          const slope = (lossAt(name, i, 1e-5) - lossAt(name, i, -1e-5)) / 2e-5;
          assertClose([values[i]! - next.get(name)![i]!], [slope], 1e-8, `${network.kind} ${network.normalization} ${loss} ${name}`);
        }
    }
});

test('parameters stacked or alone, with every optimizer and regularizer: the same weights and metrics', () => {
  const regularizers = [
    'none',
    'l2',
    'decoupledWeightDecay',
    { kind: 'weightRescaling', target: 'init', momentum: 'project', lastLayerDecay: 0.1 },
  ];
  for (const [optimizer, { ownDecay }] of Object.entries(catalog.optimizer).filter(([name]) => name !== 'sgld'))
    // SGLD's noise is a stream per stack
    for (const regularizer of regularizers) {
      const spec = smallSpec({
        network: { kind: 'mlpChain', depth: 4, width: 3, normalization: 'batchNorm' },
        activation: 'relu',
        optimizer: { kind: optimizer, ...(ownDecay ? { decay: 0 } : {}) },
        loss: optimizer === 'gaussNewton' ? 'meanSquaredError' : 'softmaxCrossEntropy',
        regularizer,
      });
      const [stacked, alone] = [openSteps(spec), openSteps(spec, { groupLimit: 0 })];
      assert.ok(stacked.plan.stacks.length < alone.plan.stacks.length);
      for (let t = 0; t < 3; t++) {
        const [a, b] = [stacked.step(), alone.step()];
        for (const [name, values] of a.next) assertClose(values, b.next.get(name)!, 1e-13, `${optimizer} ${name}`);
        for (const [name, values] of Object.entries(a.metrics)) assertClose(values, b.metrics[name]!, 1e-12, name);
      }
    }
});

test('full batches use every example whatever the batch size', () => {
  const spec = smallSpec({ optimizer: 'gradientDescent', batchSize: 3 });
  const steps = openSteps(spec);
  const { weights, metrics } = steps.step();
  const all = Int32Array.from({ length: 40 }, (_, i) => i);
  assertClose(metrics.loss!, [slowChain(steps.plan.network, weights, steps.data.train, all).loss], 1e-12);
  assert.ok(!trainingProgram(steps.plan, 40).program.rows.some(({ name }) => name === 'batch'));
});

test('a record holds only what was asked for, and always the loss', () => {
  const data = dataOf(smallSpec()).train;
  const shape = { inputs: data.inputSize, outputs: data.outputSize, targets: 'labels' } as const;
  const names = (step: unknown) =>
    trainingProgram(planRun(smallSpec({ metrics: { step } }), shape), data.n).metrics.map(({ name }) => name);
  assert.deepEqual(names([]), ['loss']);
  assert.deepEqual(names(['gradNorm', 'accuracy']).sort(), ['accuracy', 'gradNorm', 'loss']);
  const { program } = trainingProgram(planRun(smallSpec({ metrics: { step: ['gradNorm', 'updateRatio', 'weightAngle'] } }), shape), data.n);
  assert.equal(program.records[0]!.value.shape[0], 1 + 2 + 3 * 4); // loss; what SGD makes of norms and products; two norms and a product of four layers, each once
});

test('activations are measured before dropout: what it leaves out is neither dead nor small', () => {
  const of = (dropout: number, activation = 'relu') =>
    openSteps(
      smallSpec({
        network: { kind: 'mlpChain', depth: 1, width: 30 },
        activation,
        batchSize: 4,
        regularizer: dropout > 0 ? { kind: 'dropout', rate: dropout } : 'none',
      }),
    ).step().metrics;
  const [without, most] = [of(0), of(0.9)];
  assert.deepEqual([most.deadFraction![0], most.activationNorm![0]], [without.deadFraction![0], without.activationNorm![0]]);
  assert.ok(without.deadFraction![0]! < 0.5 && without.loss![0] !== most.loss![0]);
  assert.ok(of(0, 'threshold').deadFraction![0]! < 0.5);
  for (const activation of ['tanh', 'linear', 'leakyRelu']) assert.equal(of(0, activation).deadFraction, undefined);
});

test('a gradient too small for its squares has a norm', () => {
  const spec = smallSpec({ network: { kind: 'mlpChain', depth: 3, width: 4, bias: false }, activation: 'linear' });
  const steps = openSteps(spec);
  for (const name of ['layer1.weight', 'layer2.weight', 'layer3.weight'])
    steps.set(name, new Float64Array(name === 'layer1.weight' ? 20 : 16).fill(1e-90));
  const { metrics } = steps.step();
  assert.ok(metrics.gradNorm![0]! > 1e-181 && metrics.gradNorm![0]! < 1e-179, String(metrics.gradNorm));
  assert.ok(metrics.activationNorm![2]! > 1e-271 && metrics.activationNorm![2]! < 1e-268);
});

test('a learning rate of 0 leaves every weight as it is, to the bit', () => {
  for (const optimizer of Object.keys(catalog.optimizer)) {
    const loss = optimizer === 'gaussNewton' ? 'meanSquaredError' : 'softmaxCrossEntropy';
    const steps = openSteps(smallSpec({ loss, optimizer: { kind: optimizer, learningRate: 0 } }));
    steps.step();
    const { weights, next, metrics } = steps.step();
    for (const [name, values] of weights) assert.deepEqual(next.get(name), values);
    assert.deepEqual([...metrics.updateRatio!, ...metrics.weightAngle!], new Array(8).fill(0));
  }
});

test('batches walk through a fresh permutation every epoch, and any step can be had on its own', () => {
  const order = batchOrder(7, 10, 4);
  const epochs = order(0, 5);
  for (const epoch of [epochs.slice(0, 10), epochs.slice(10)])
    assert.deepEqual(
      [...epoch].sort((a, b) => a - b),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
  assert.notDeepEqual(epochs.slice(0, 10), epochs.slice(10));
  assert.deepEqual(batchOrder(7, 10, 4)(3, 1), epochs.slice(12, 16));
  assert.notDeepEqual(batchOrder(8, 10, 4)(0, 5), epochs);
  assert.equal(batchOrder(1, 100_000, 128)(9_000_000, 1).length, 128);
});

test('a thousand layers are planned, differentiated and measured in a program of bounded size', () => {
  const spec = smallSpec({
    network: { kind: 'mlpChain', depth: 1000, width: 16, normalization: 'layerNorm' },
    optimizer: 'adam',
    regularizer: 'l2',
  });
  const plan = planRun(spec, { inputs: 5, outputs: 3, targets: 'labels' });
  assert.ok(plan.stacks.length <= 8);
  const { program } = trainingProgram(plan, 40);
  assert.ok(program.state.length <= 24);
  assert.deepEqual(
    [...plan.kernelOrder].sort((a, b) => a - b),
    Array.from({ length: 1001 }, (_, layer) => layer),
  );
});
