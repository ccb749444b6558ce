/** @file Weight rescaling, with each of its options, against computations by hand. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { assertClose, column, dot, norm, openSteps, smallSpec } from '../programs/steps.fixture.ts';

const batchNorm = { kind: 'mlpChain', depth: 2, width: 4, normalization: 'batchNorm', epsilon: 1e-12 };
const normalized = (changes: object) => smallSpec({ network: batchNorm, activation: 'relu', batchSize: 20, ...changes });
const wrs = (options: object = {}) => ({ kind: 'weightRescaling', ...options });
const hidden = ['layer1.weight', 'layer2.weight'];
const filters = (kernel: Float64Array): Float64Array[] => [0, 1, 2, 3].map((j) => column(kernel, 4, j));

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

test('rescale leaves the memory that weights of the new size would have made: each slot by the power of the gradient that it holds', () => {
  const powers = {
    momentum: { momentum: 1 },
    adam: { momentum: 1, square: 2 },
    rmsprop: { square: 2 },
    novoGrad: { momentum: 0, layerSquare: 2 }, // its gradients are divided by their norm
    kfac: { momentum: -1 }, // solved steps are as long as the weights
  };
  for (const [kind, slots] of Object.entries(powers))
    for (const scope of ['layer', 'filter']) {
      const optimizer = { kind, learningRate: 0.1 };
      const stepped = (momentum: string) => openSteps(normalized({ optimizer, regularizer: wrs({ momentum, scope }) })).step();
      const [keep, rescale] = [stepped('keep'), stepped('rescale')];
      const free = openSteps(normalized({ optimizer, regularizer: 'none' }));
      for (const [name, values] of keep.weights) free.set(name, values);
      const after = free.step().next;
      for (const name of hidden)
        for (const [slot, power] of Object.entries(slots)) {
          const [kept, made] = [keep, rescale].map((of) => of.slots.get(`${name}/${slot}`)!);
          const whole = after.get(name)!;
          const factor = (i: number) => norm(scope === 'layer' ? whole : column(whole, 4, i % 4));
          const left = slot === 'layerSquare' && scope === 'filter'; // one number does not tell its filters' shares
          const wanted = kept!.map((value, i) => (left ? value : value * factor(i) ** power));
          assertClose(made!, wanted, 1e-10, `${kind}, ${scope}: ${slot}`);
          assert.ok(
            power === 0 || left || made!.some((value, i) => Math.abs(value - kept![i]!) > 1e-9 * Math.abs(value)),
            `${kind}: ${slot}`,
          );
        }
    }
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
