/** @file Regularizers against computations by hand, over all optimizers. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { evaluationProgram } from '../programs/evaluation.ts';
import { randomValues } from '../programs/random.ts';
import { assertClose, norm, openSteps, smallSpec, type Stepped } from '../programs/steps.fixture.ts';
import { trainingProgram } from '../programs/training.ts';
import { regularizers } from './index.ts';

const batchNorm = { kind: 'mlpChain', depth: 2, width: 4, normalization: 'batchNorm', epsilon: 1e-12 };
const normalized = (changes: object) => smallSpec({ network: batchNorm, activation: 'relu', batchSize: 20, ...changes });
const hidden = ['layer1.weight', 'layer2.weight'];

test('L2 and decoupled weight decay coincide for SGD and part for momentum and Adam', () => {
  const after = (optimizer: object, kind: string) => {
    const steps = openSteps(smallSpec({ optimizer, regularizer: { kind, coefficient: 0.1 } }));
    let last!: Stepped;
    for (let t = 0; t < 3; t++) last = steps.step();
    return last.next.get('layer2.weight')!;
  };
  const distance = (optimizer: object) => {
    const [a, b] = [after(optimizer, 'l2'), after(optimizer, 'decoupledWeightDecay')];
    return norm(a.map((value, i) => value - b[i]!));
  };
  assert.ok(distance({ kind: 'sgd', learningRate: 0.2 }) < 1e-14);
  assert.ok(distance({ kind: 'momentum', learningRate: 0.2 }) > 1e-4);
  assert.ok(distance({ kind: 'adam', learningRate: 0.02 }) > 1e-4);
});

test('decay reaches kernels alone: without a gradient they shrink by 1 - ηλ, biases stay', () => {
  for (const kind of ['l2', 'decoupledWeightDecay']) {
    const spec = (coefficient: number) => smallSpec({ optimizer: { kind: 'sgd', learningRate: 0.5 }, regularizer: { kind, coefficient } });
    const [plain, decayed] = [openSteps(spec(0)).step(), openSteps(spec(0.2)).step()];
    for (const [name, values] of plain.next)
      assertClose(
        decayed.next.get(name)!,
        values.map((w, i) => (name.endsWith('weight') ? w - 0.1 * plain.weights.get(name)![i]! : w)),
        1e-14,
        name,
      );
  }
});

test('dropout scales what it keeps, is new in every step, off in evaluation, and repeats', () => {
  const spec = smallSpec({ regularizer: { kind: 'dropout', rate: 0.25 }, optimizer: { kind: 'sgd', learningRate: 0 } });
  const plan = openSteps(spec).plan;
  const { random } = trainingProgram(plan, 40);
  assert.equal(random.length, 3, 'one mask for each activation');
  const masks = randomValues(random, 1, 0, 50);
  for (const values of Object.values(masks)) {
    assert.ok(values.every((value) => value === 0 || value === 1 / 0.75));
    const kept = values.filter((value) => value > 0).length / values.length;
    assert.ok(Math.abs(kept - 0.75) < 5 * Math.sqrt((0.25 * 0.75) / values.length), `${kept} kept`);
  }
  assert.deepEqual(randomValues(random, 1, 7, 3)['random/1'], masks['random/1']!.subarray(7 * 32, 10 * 32));
  const [run, again, without] = [openSteps(spec), openSteps(spec), openSteps(smallSpec({ optimizer: { kind: 'sgd', learningRate: 0 } }))];
  const losses = (steps: typeof run) => Array.from({ length: 4 }, () => steps.step().metrics.loss![0]!);
  const dropped = losses(run);
  assert.deepEqual(dropped, losses(again));
  assert.notDeepEqual(dropped, losses(without));
  assert.ok(evaluationProgram(plan, 40, 0).rows.every(({ name }) => !name.startsWith('random')));
});

test('dropout with a coefficient decays kernels as L2 does', () => {
  const optimizer = { kind: 'sgd', learningRate: 0.1 };
  const [both, decay] = [
    openSteps(smallSpec({ optimizer, regularizer: { kind: 'dropout', rate: 0, coefficient: 0.3 } })).step(),
    openSteps(smallSpec({ optimizer, regularizer: { kind: 'l2', coefficient: 0.3 } })).step(),
  ];
  for (const [name, values] of both.next) assertClose(values, decay.next.get(name)!, 1e-15, name);
});

test('dropout stands beside every other regularizer and leaves what it does to the weights as it was', () => {
  for (const [kind, { fields }] of Object.entries(regularizers)) {
    if (!('dropout' in fields)) continue;
    const opened = (dropout: number) =>
      openSteps(normalized({ regularizer: { kind, dropout }, optimizer: { kind: 'sgd', learningRate: 0.2 } }));
    const [dropped, whole] = [opened(0.5), opened(0)];
    assert.equal(trainingProgram(dropped.plan, 40).random.length, 2, `${kind}: a mask for each activation`);
    assert.equal(trainingProgram(whole.plan, 40).random.length, 0);
    const plain = openSteps(normalized({ regularizer: { kind: 'dropout', rate: 0.5 }, optimizer: { kind: 'sgd', learningRate: 0.2 } }));
    const walk = [0, 1].map(() => {
      const [a, b] = [dropped.step(), whole.step()];
      assert.notDeepEqual(a.metrics.loss, b.metrics.loss);
      for (const [name, values] of a.weights) plain.set(name, values);
      return { a, next: plain.step().next }; // the same weights and masks, no more than them
    });
    const { a, next } = walk[1]!;
    for (const name of hidden) assert.notDeepEqual(a.next.get(name), next.get(name), `${kind} acts on ${name}`);
  }
});

test('learning-rate scaling keeps η/‖w‖² of each normalized layer at that of step 0', () => {
  const changes = { optimizer: { kind: 'momentum', learningRate: 0.4, momentum: 0.5 } };
  const steps = openSteps(normalized({ ...changes, regularizer: 'learningRateScaling' }));
  let first: ReadonlyMap<string, Float64Array> | null = null;
  for (let t = 0; t < 5; t++) {
    const { weights, next, slots, metrics } = steps.step();
    first ??= weights;
    const start = first;
    hidden.forEach((name, layer) =>
      assertClose([metrics.effectiveLearningRate![layer]! * norm(start.get(name)!) ** 2], [0.4], 1e-12, `the chart of ${name}`),
    );
    assertClose([metrics.layerLearningRate!.at(-1)!], [0.4], 1e-15, 'the readout has the rate of the spec');
    for (const [name, w] of weights) {
      const u = slots.get(`${name}/momentum`)!;
      const scale = hidden.includes(name) ? (norm(w) / norm(first.get(name)!)) ** 2 : 1;
      assertClose(
        next.get(name)!,
        w.map((value, i) => value - 0.4 * scale * u[i]!),
        1e-12,
        `${name} at step ${t}`,
      );
    }
  }
  assert.ok(
    hidden.every((name) => norm(steps.step().weights.get(name)!) > 1.01 * norm(first!.get(name)!)),
    'the norms have grown',
  );
});
