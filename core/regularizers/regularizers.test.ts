/** @file Regularizers against computations by hand, over all optimizers. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { evaluationProgram } from '../programs/evaluation.ts';
import { randomValues } from '../programs/random.ts';
import { assertClose, column, dot, norm, openSteps, smallSpec, type Stepped } from '../programs/steps.fixture.ts';
import { trainingProgram } from '../programs/training.ts';
import { regularizers } from './index.ts';

const batchNorm = { kind: 'mlpChain', depth: 2, width: 4, normalization: 'batchNorm', epsilon: 1e-12 };
const normalized = (changes: object) => smallSpec({ network: batchNorm, activation: 'relu', batchSize: 20, ...changes });
const wrs = (options: object = {}) => ({ kind: 'weightRescaling', ...options });
const hidden = ['layer1.weight', 'layer2.weight'];
const filters = (kernel: Float64Array): Float64Array[] => [0, 1, 2, 3].map((j) => column(kernel, 4, j));

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

test('weight rescaling keeps every filter in front of a normalization on the unit sphere and leaves the others alone', () => {
  const steps = openSteps(normalized({ optimizer: { kind: 'momentum', learningRate: 0.3 }, regularizer: wrs() }));
  for (let t = 0; t < 4; t++) {
    const { weights, next } = steps.step();
    for (const name of hidden)
      for (const w of [...filters(weights.get(name)!), ...filters(next.get(name)!)]) assertClose([norm(w)], [1], 1e-12, name);
    assert.ok(Math.abs(norm(next.get('readout.weight')!) - 1) > 0.1);
  }
});

test('scope layer puts the whole kernel on the target norm; target init keeps the norms of step 0', () => {
  const whole = openSteps(normalized({ regularizer: wrs({ scope: 'layer', target: 'value', targetValue: 2.5 }) }));
  for (let t = 0; t < 3; t++) for (const name of hidden) assertClose([norm(whole.step().next.get(name)!)], [2.5], 1e-12);
  const init = openSteps(normalized({ optimizer: { kind: 'sgd', learningRate: 1 }, regularizer: wrs({ target: 'init' }) }));
  const first = init.step();
  const later = [init.step(), init.step()].at(-1)!;
  for (const name of hidden) assertClose(filters(later.next.get(name)!).map(norm), filters(first.weights.get(name)!).map(norm), 1e-12);
  const drawn = openSteps(normalized({})).step().weights;
  for (const name of hidden) assert.deepEqual(first.weights.get(name), drawn.get(name));
});

test('a step of SGD with weight rescaling is (w - ηg)/√(1 + η²‖g‖²), filter by filter', () => {
  const eta = 0.4;
  const changes = { optimizer: { kind: 'sgd', learningRate: eta } };
  const [rescaled, plain] = [openSteps(normalized({ ...changes, regularizer: wrs() })), openSteps(normalized(changes))];
  for (let t = 0; t < 3; t++) {
    const { weights, next } = rescaled.step();
    for (const [name, values] of weights) plain.set(name, values); // the same weights, one step without rescaling
    const free = plain.step();
    for (const name of hidden)
      filters(weights.get(name)!).forEach((w, j) => {
        const stepped = column(free.next.get(name)!, 4, j);
        const g = w.map((value, i) => (value - stepped[i]!) / eta);
        assertClose(
          column(next.get(name)!, 4, j),
          w.map((value, i) => (value - eta * g[i]!) / Math.sqrt(1 + (eta * norm(g)) ** 2)),
          1e-9,
          name,
        );
      });
  }
});

test('rescaling changes the function by no more than the ε of the normalization allows', () => {
  const change = (epsilon: number) => {
    const network = { ...batchNorm, epsilon };
    const [drawn, rescaled] = [normalized({ network }), normalized({ network, regularizer: wrs() })].map(
      (spec) => openSteps(spec).step().metrics.loss![0]!,
    );
    return Math.abs(rescaled! - drawn!) / drawn!;
  };
  assert.ok(change(0) < 1e-13, String(change(0)));
  assert.ok(change(1e-5) > 1e-9 && change(1e-5) < 1e-3, String(change(1e-5)));
});

test('a period of three rescales after steps 3, 6, …; without applyAtInit the first weights are as drawn', () => {
  const steps = openSteps(normalized({ regularizer: wrs({ every: 3, applyAtInit: false }) }));
  for (let t = 1; t <= 6; t++) {
    const onSphere = filters(steps.step().next.get('layer1.weight')!).every((w) => Math.abs(norm(w) - 1) < 1e-12);
    assert.equal(onSphere, t % 3 === 0, `step ${t}`);
  }
});

test('a period in epochs rescales after the step that takes the last example of every second pass, whether or not batches divide it', () => {
  for (const [batchSize, wanted] of [
    [8, [10, 20]], // of 40 examples: 5 steps an epoch
    [12, [7, 14, 20]], // 80, 160 and 240 examples
    [40, [2, 4, 6, 8, 10, 12, 14, 16, 18, 20]],
  ] as const) {
    const steps = openSteps(normalized({ batchSize, regularizer: wrs({ every: 2, unit: 'epochs', applyAtInit: false }) }));
    const onSphere: number[] = [];
    for (let t = 1; t <= 20; t++)
      if (filters(steps.step().next.get('layer1.weight')!).every((w) => Math.abs(norm(w) - 1) < 1e-12)) onSphere.push(t);
    assert.deepEqual(onSphere, wanted, `batches of ${batchSize}`);
  }
  const whole = { optimizer: { kind: 'gradientDescent', learningRate: 0.1 }, regularizer: wrs({ every: 1, unit: 'epochs' }) };
  const steps = openSteps(normalized(whole)); // every step is an epoch
  for (let t = 0; t < 2; t++) assert.ok(filters(steps.step().next.get('layer1.weight')!).every((w) => Math.abs(norm(w) - 1) < 1e-12));
});

test('momentum at a rescaling: kept, reset to zero, made orthogonal to the weights, or scaled as gradients are', () => {
  const optimizer = { kind: 'momentum', learningRate: 0.3, momentum: 0.9 };
  const stepped = (momentum: string) => openSteps(normalized({ optimizer, regularizer: wrs({ momentum }) })).step();
  const keep = stepped('keep');
  const free = openSteps(normalized({ optimizer, regularizer: 'none' }));
  for (const [name, values] of keep.weights) free.set(name, values);
  const unscaled = free.step().next;
  for (const name of hidden) {
    const slot = (momentum: string) => filters(stepped(momentum).slots.get(`${name}/momentum`)!);
    const kept = slot('keep');
    assert.ok(slot('reset').every((u) => norm(u) === 0));
    slot('project').forEach((u, j) => {
      const w = column(keep.next.get(name)!, 4, j);
      assert.ok(Math.abs(dot(u, w)) < 1e-14);
      assertClose(
        u,
        kept[j]!.map((value, i) => value - dot(kept[j]!, w) * w[i]!),
        1e-13,
      );
    });
    slot('rescale').forEach((u, j) =>
      assertClose(
        u,
        kept[j]!.map((value) => value * norm(column(unscaled.get(name)!, 4, j))),
        1e-13,
      ),
    );
  }
});

test('with Adam, rescale multiplies the memory of gradients once and that of squares twice', () => {
  const stepped = (momentum: string) =>
    openSteps(normalized({ optimizer: { kind: 'adam', learningRate: 0.1 }, regularizer: wrs({ momentum }) })).step();
  const [keep, rescale] = [stepped('keep'), stepped('rescale')];
  const ratio = (slot: string, i: number) => rescale.slots.get(`layer1.weight/${slot}`)![i]! / keep.slots.get(`layer1.weight/${slot}`)![i]!;
  for (let i = 0; i < 20; i++) assertClose([ratio('square', i)], [ratio('momentum', i) ** 2], 1e-10);
  assert.ok(Math.abs(ratio('momentum', 0) - 1) > 1e-6);
});

test('the other weights have a decay of their own', () => {
  const optimizer = { kind: 'sgd', learningRate: 0.5 };
  const [plain, decayed] = [0, 0.2].map((lastLayerDecay) =>
    openSteps(normalized({ optimizer, regularizer: wrs({ lastLayerDecay }) })).step(),
  );
  for (const [name, values] of plain!.next)
    assertClose(
      decayed!.next.get(name)!,
      values.map((w, i) => (name === 'readout.weight' ? w - 0.1 * plain!.weights.get(name)![i]! : w)),
      1e-13,
      name,
    );
});

test('a filter of zeros stays one', () => {
  const steps = openSteps(normalized({ regularizer: wrs() }));
  steps.set('layer1.weight', new Float64Array(20));
  steps.set('layer2.weight', new Float64Array(16));
  for (const [name, values] of steps.step().next) assert.ok(values.every(Number.isFinite), name);
});

test('layer normalization allows whole layers only; where there is nothing to rescale the spec is refused', () => {
  const layerNorm = { kind: 'mlpChain', depth: 2, width: 4, normalization: 'layerNorm' };
  assert.throws(() => smallSpec({ network: layerNorm, regularizer: wrs() }), /regularizer/);
  assert.throws(() => smallSpec({ regularizer: wrs() }), /regularizer/);
  const steps = openSteps(smallSpec({ network: layerNorm, regularizer: wrs({ scope: 'layer' }) }));
  for (const name of hidden) assertClose([norm(steps.step().next.get(name)!)], [1], 1e-12);
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

test('weight rescaling puts every filter of a convolution on norm one, and leaves the readout alone', () => {
  const spec = smallSpec({
    network: { kind: 'vgg', stages: 2, channels: 3, normalization: 'batchNorm' },
    dataset: { kind: 'glyphs', size: 12, train: 24, heldOut: 12 },
    optimizer: { kind: 'sgd', learningRate: 0.3 },
    regularizer: wrs(),
  });
  const { weights, next } = openSteps(spec).step();
  for (const [name, filtersOf] of [
    ['stage1.conv1.weight', 3],
    ['stage2.conv1.weight', 6],
  ] as const)
    for (let j = 0; j < filtersOf; j++)
      for (const kernel of [weights.get(name)!, next.get(name)!]) assert.ok(Math.abs(norm(column(kernel, filtersOf, j)) - 1) < 1e-12, name);
  assert.ok(Math.abs(norm(column(next.get('readout.weight')!, 10, 0)) - 1) > 1e-3);
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
