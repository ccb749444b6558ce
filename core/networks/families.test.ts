/** @file Every network family: gradients and Hessian-vector products against differences, frozen weights, scale invariance, taps, and convolutions against loops. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults, entry } from '../catalog.ts';
import { createBuilder } from '../graph/builder.ts';
import { gradient } from '../graph/differentiate.ts';
import { evaluate } from '../graph/evaluate.ts';
import { sizeOf } from '../graph/node.ts';
import { placeExamples } from '../programs/examples.ts';
import { dataShape, forwardPass, initialWeights, meanLoss, planRun, stackInputs, targetInput } from '../programs/plan.ts';
import { hessianProduct } from '../programs/lanczos.ts';
import { assertClose, dataOf, norm, openSteps } from '../programs/steps.fixture.ts';
import { rng } from '../rng.ts';
import { families, familySpec } from './families.fixture.ts';
import { nystrom } from './nystrom.ts';
import { networks } from './index.ts';

const flatData = { kind: 'gaussianMixture', classes: 3, inputs: 5, train: 24, heldOut: 12 };

/** Loss of the first rows as a function of the stacks, by the graph. */
function lossOf(network: object, dataset: object, rows = 6) {
  const spec = familySpec(network, dataset);
  const { train } = dataOf(spec);
  const plan = planRun(spec, dataShape(train));
  const g = createBuilder('float64');
  const stacks = stackInputs(g, plan);
  const inputs = stacks.map(({ input }) => input);
  const pass = forwardPass(g, plan, inputs, g.input('x', [rows, train.inputSize]), rows);
  const loss = meanLoss(g, plan, pass.outputs, targetInput(g, 'y', plan, rows));
  const weights = initialWeights(plan);
  const random = rng(2, 'test');
  for (const values of weights.values()) values.forEach((value, i) => (values[i] = value + 0.1 * random.normal()));
  const feeds = { x: Float64Array.from(train.inputs.subarray(0, rows * train.inputSize)), y: train.labels!.slice(0, rows) };
  return { plan, g, inputs, pass, loss, weights, feeds, at: () => ({ ...feeds, ...Object.fromEntries(weights) }) };
}

for (const [title, network, dataset] of families) {
  test(`${title}: gradient against central differences along random directions, to 1e-7`, () => {
    const { g, inputs, loss, weights, at } = lossOf(network, dataset);
    const slopes = evaluate(gradient(g, loss, inputs), at());
    const random = rng(8, 'test');
    inputs.forEach((input, s) => {
      const name = String(input.attrs.name);
      const direction = Float64Array.from({ length: sizeOf(input.shape) }, () => random.normal());
      const h = 1e-5;
      const moved = (by: number) =>
        evaluate([loss], { ...at(), [name]: weights.get(name)!.map((value, i) => value + by * direction[i]!) })[0]![0]!;
      const slope = (moved(h) - moved(-h)) / (2 * h);
      let exact = 0;
      slopes[s]!.forEach((value: number, i: number) => (exact += value * direction[i]!));
      assert.ok(Math.abs(slope - exact) < 1e-7 * Math.max(1, Math.abs(exact)), `${name}: ${slope} against ${exact}`);
    });
  });

  test(`${title}: Hessian-vector product against central differences of the gradient, to 1e-6`, () => {
    const { g, inputs, loss, weights, at } = lossOf(network, dataset);
    const random = rng(9, 'test');
    const names = inputs.map((input) => String(input.attrs.name));
    const directions = inputs.map(({ shape }) => Float64Array.from({ length: sizeOf(shape) }, () => random.normal()));
    const parameters = inputs.map((input, s) => ({ name: names[s]!, input }));
    const vectors = inputs.map(({ shape }, s) => g.input(`direction${s}`, shape));
    const feeds = Object.fromEntries(directions.map((direction, s) => [`direction${s}`, direction]));
    const exact = evaluate(hessianProduct({ g, loss, parameters, held: [] }, vectors), { ...at(), ...feeds });
    const slopes = gradient(g, loss, inputs);
    const h = 1e-5;
    const moved = (by: number) => {
      const there = names.map((name, s) => [name, weights.get(name)!.map((value, i) => value + by * directions[s]![i]!)]);
      return evaluate(slopes, { ...at(), ...Object.fromEntries(there) });
    };
    const [above, below] = [moved(h), moved(-h)];
    names.forEach((name, s) => {
      const differences = above[s]!.map((value: number, i: number) => (value - below[s]![i]!) / (2 * h));
      const error = norm(differences.map((value: number, i: number) => value - exact[s]![i]!));
      assert.ok(error < 1e-6 * Math.max(1, norm(exact[s]!)), `${name}: ${error} of ${norm(exact[s]!)}`);
    });
  });

  test(`${title}: a bias has the fans of its layer’s kernel, by which inits draw it`, () => {
    const { parameters } = lossOf(network, dataset).plan.network;
    for (const { name, role, layer, fanIn, fanOut } of parameters) {
      if (role !== 'bias') continue;
      const kernel = parameters.find((other) => other.role === 'weight' && other.layer === layer)!;
      assert.deepEqual([fanIn, fanOut], [kernel.fanIn, kernel.fanOut], name);
    }
  });

  test(`${title}: a tap for every layer, its last axis as wide as the kernel; unique names; a step is finite and spares what is frozen`, () => {
    const { plan, pass } = lossOf(network, dataset);
    const { layers, parameters } = plan.network;
    const kernels = parameters.filter(({ role }) => role === 'weight');
    assert.deepEqual(
      kernels.map(({ layer }) => layer),
      layers.map((_, l) => l),
    );
    assert.equal(pass.taps.length, layers.length);
    pass.taps.forEach(({ preActivation }, l) => assert.equal(preActivation.shape.at(-1), kernels[l]!.shape.at(-1), layers[l]!.name));
    assert.equal(new Set(parameters.map(({ name }) => name)).size, parameters.length);
    const { weights, next, metrics } = openSteps(
      familySpec(network, dataset, { optimizer: { kind: 'momentum', learningRate: 0.1 } }),
    ).step();
    for (const { name, frozen } of parameters) {
      const change = norm(next.get(name)!.map((value, i) => value - weights.get(name)![i]!));
      assert.ok(Number.isFinite(change));
      if (frozen) assert.equal(change, 0, name);
    }
    const frozenReadout = kernels.at(-1)!.frozen; // has no gradient that others could be compared with
    const undefinedFor = (name: string) => /^(weightAngle|cosine)/.test(name) || (name === 'gradRatio' && frozenReadout);
    for (const [name, row] of Object.entries(metrics)) for (const value of row) assert.ok(!Number.isNaN(value) || undefinedFor(name), name);
    metrics.gradNorm!.forEach((value, layer) => assert.ok(value === 0 || !kernels[layer]!.frozen, kernels[layer]!.name));
  });

  test(`${title}: a layer called scale invariant has ⟨w, g⟩ = 0, up to the epsilon of its normalization`, () => {
    const exact = 'epsilon' in entry('network', network.kind).fields ? { ...network, epsilon: 0 } : network;
    const { plan, g, inputs, loss, weights, at } = lossOf(exact, dataset);
    const slopes = evaluate(gradient(g, loss, inputs), at());
    for (const { name, layer, role } of plan.network.parameters) {
      if (role !== 'weight' || plan.network.layers[layer]!.scaleInvariant === false) continue;
      const s = plan.stacks.findIndex(({ members }) => members.some((parameter) => parameter.name === name));
      const { members } = plan.stacks[s]!;
      const size = weights.get(plan.stacks[s]!.name)!.length / members.length;
      const from = members.findIndex((parameter) => parameter.name === name) * size;
      const [w, d] = [weights.get(plan.stacks[s]!.name)!.subarray(from, from + size), slopes[s]!.subarray(from, from + size)];
      const product = w.reduce((sum, value, i) => sum + value * d[i]!, 0);
      assert.ok(Math.abs(product) < 1e-12 * Math.max(1e-3, norm(w) * norm(d)), `${name}: ${product}`);
    }
  });
}

test('a stage of the VGG network is convolution, activation, mean and readout, by loops', () => {
  const { weights, pass, at, feeds } = lossOf(
    { kind: 'vgg', stages: 1, channels: 3 },
    { kind: 'glyphs', size: 12, train: 24, heldOut: 12 },
  );
  const [outputs] = evaluate([pass.outputs], at());
  const [kernel, bias] = [weights.get('stage1.conv1.weight')!, weights.get('stage1.conv1.bias')!];
  const [readout, shift] = [weights.get('readout.weight')!, weights.get('readout.bias')!];
  for (let b = 0; b < 6; b++) {
    const means = [0, 1, 2].map((filter) => {
      let total = 0;
      for (let r = 0; r < 12; r++)
        for (let c = 0; c < 12; c++) {
          let h = bias[filter]!;
          for (let i = -1; i <= 1; i++)
            for (let j = -1; j <= 1; j++)
              if (r + i >= 0 && r + i < 12 && c + j >= 0 && c + j < 12)
                h += feeds.x[b * 144 + (r + i) * 12 + c + j]! * kernel[((i + 1) * 3 + j + 1) * 3 + filter]!;
          total += Math.tanh(h);
        }
      return total / 144;
    });
    const expected = Array.from({ length: 10 }, (_, k) => shift[k]! + means.reduce((sum, mean, f) => sum + mean * readout[f * 10 + k]!, 0));
    assertClose(outputs!.slice(10 * b, 10 * b + 10), expected, 1e-12);
  }
});

test('in front of each weight layer of an IC chain but the first, inputs are left out as told', () => {
  const { plan, weights, feeds } = lossOf({ kind: 'icChain', depth: 1, width: 4, rate: 0.25, normalization: 'none' }, flatData);
  const g = createBuilder('float64');
  const nodes = new Map(plan.network.parameters.map(({ name, shape }) => [name, g.input(name, shape)]));
  const mask = g.input('mask', [6, 4]);
  const { outputs } = plan.network.forward(g, {
    x: g.input('x', [6, 5]),
    parameter: (name) => nodes.get(name)!,
    activation: (x) => g.tanh(x),
    dropout: (x, share) => g.mul(g.mul(x, mask), 1 / (1 - share)),
    statisticsRows: 6,
  });
  const kept = Float64Array.from({ length: 24 }, (_, i) => Number(i % 3 > 0));
  const [first, bias, second, shift] = ['layer1.weight', 'layer1.bias', 'readout.weight', 'readout.bias'].map((name) => weights.get(name)!);
  const got = evaluate([outputs], { ...feeds, ...Object.fromEntries(weights), mask: kept })[0]!;
  for (let b = 0; b < 6; b++)
    for (let k = 0; k < 3; k++) {
      let wanted = shift![k]!;
      for (let j = 0; j < 4; j++) {
        let h = bias![j]!;
        for (let i = 0; i < 5; i++) h += feeds.x[5 * b + i]! * first![4 * i + j]!;
        wanted += (kept[4 * b + j]! / 0.75) * Math.tanh(h) * second![3 * j + k]!;
      }
      assert.ok(Math.abs(got[3 * b + k]! - wanted) < 1e-13);
    }
});

test('inner products of Nyström features are k(x, Z) (K + ε)⁻¹ k(Z, y), the system solved by elimination', () => {
  for (const similarity of ['gaussian', 'linear', 'chiSquared'] as const) {
    const [size, floor, sigma] = [4, 1e-3, 0.7];
    const { pass, weights, feeds, at } = lossOf({ kind: 'nystrom', landmarks: size, similarity, bandwidth: sigma, floor }, flatData);
    const features = evaluate([pass.taps[0]!.activation], at())[0]!;
    const x = Array.from({ length: 6 }, (_, b) => [...feeds.x.subarray(5 * b, 5 * b + 5)]);
    const z = Array.from({ length: size }, (_, c) => Array.from({ length: 5 }, (_, i) => weights.get('landmarks.weight')![i * size + c]!));
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    const k = (a: number[], b: number[]) => {
      const d = a.map((value, i) => value - b[i]!);
      const shares = a.map((value, i) => (2 * value * b[i]!) / (Math.abs(value) + Math.abs(b[i]!)));
      if (similarity === 'chiSquared') return shares.reduce((sum, value) => sum + value, 0) / 5;
      return similarity === 'linear' ? dot(a, b) / 5 : Math.exp(-dot(d, d) / (2 * sigma ** 2 * 5));
    };
    const mean = z.reduce((sum, row) => sum + k(row, row) / size, 0);
    for (const a of [0, 3])
      for (const b of [0, 1, 5]) {
        // (K + ε mean) s = k(Z, x_b)
        const rows = z.map((row, i) => [...z.map((other, j) => k(row, other) + (i === j ? floor * mean : 0)), k(row, x[b]!)]);
        for (let p = 0; p < size; p++)
          for (let r = 0; r < size; r++) {
            if (r === p) continue;
            const factor = rows[r]![p]! / rows[p]![p]!;
            rows[r] = rows[r]!.map((value, c) => value - factor * rows[p]![c]!);
          }
        const wanted = z.reduce((sum, row, i) => sum + (k(x[a]!, row) * rows[i]![size]!) / rows[i]![i]!, 0);
        const got = dot(
          [...features.slice(size * a, size * a + size)] as number[],
          [...features.slice(size * b, size * b + size)] as number[],
        );
        assert.ok(Math.abs(got - wanted) < 1e-9 * Math.max(1, Math.abs(wanted)), `${similarity}: ${got} against ${wanted}`);
      }
  }
});

test('the χ² kernel is the mean of 2 x z/(|x| + |z|) however many inputs there are, and inputs that are both 0 have no part in it', () => {
  const inputs = 5_000;
  const plan = nystrom.plan({ ...defaults('network', 'nystrom'), landmarks: 1, similarity: 'chiSquared' }, { inputs, outputs: 1 });
  const g = createBuilder('float64');
  const parameters = new Map(plan.parameters.map(({ name, shape }) => [name, g.input(name, shape)]));
  const { taps } = plan.forward(g, {
    x: g.input('x', [2, inputs]),
    parameter: (name) => parameters.get(name)!,
    activation: (node) => node,
    dropout: (node) => node,
    statisticsRows: 2,
  });
  const random = rng(8, 'test');
  const draw = (n: number) => Float64Array.from({ length: n }, (_, i) => (i % 3 === 0 ? 0 : random.normal()));
  const [x, z] = [draw(2 * inputs), draw(inputs)];
  const got = evaluate([taps[0]!.activation], { x, 'landmarks.weight': z })[0]!;
  const k = (a: Float64Array, b: Float64Array) =>
    a.reduce((sum, value, i) => sum + (value || b[i] ? (2 * value * b[i]!) / (Math.abs(value) + Math.abs(b[i]!)) : 0), 0) / inputs;
  for (const row of [0, 1]) {
    const wanted = k(x.subarray(row * inputs, (row + 1) * inputs), z) / Math.sqrt(k(z, z) * (1 + 1e-3));
    assert.ok(Math.abs(got[row]! - wanted) < 1e-12, `${got[row]} against ${wanted}`);
  }
});

test('landmarks start as different examples of the training set', () => {
  const spec = familySpec({ kind: 'nystrom', landmarks: 24 }, flatData);
  const data = dataOf(spec).train;
  const plan = planRun(spec, { inputs: 5, outputs: 3, targets: 'labels' });
  const weights = initialWeights(plan);
  placeExamples(plan, weights, data);
  const columns = Array.from({ length: 24 }, (_, c) =>
    Array.from({ length: 5 }, (_, i) => weights.get('landmarks.weight')![i * 24 + c]!).join(),
  );
  const rows = Array.from({ length: 24 }, (_, r) => Array.from(data.inputs.subarray(5 * r, 5 * r + 5)).join());
  assert.deepEqual(columns.sort(), rows.sort());
  assert.throws(() => placeExamples(plan, weights, { ...data, n: 23 }), /takes 24 examples, but the training set has 23/);
});

test('with its gates at 0 a residual network is its input and output maps', () => {
  const spec = familySpec(
    { kind: 'resnet', depth: 4, width: 4, gate: true },
    { kind: 'gaussianMixture', classes: 3, inputs: 5, train: 24, heldOut: 12 },
  );
  const { metrics } = openSteps(spec).step();
  const [input, ...rest] = [...metrics.activationNorm!].slice(0, -1);
  rest.filter((_, l) => l % 2 === 1).forEach((value) => assert.equal(value, input));
});

test('convolutions refuse data that are no images, and images that cannot be halved that often', () => {
  const flat = { kind: 'gaussianMixture', inputs: 144 };
  assert.throws(() => familySpec({ kind: 'vgg' }, flat), /network: vgg takes images, but the data have no height and width/);
  assert.throws(
    () => familySpec({ kind: 'vgg', stages: 5 }, { kind: 'glyphs', size: 12 }),
    /network: images of 12 x 12 pixels cannot be halved that often/,
  );
});

test('a convolution costs a multiplication for every place it looks at', () => {
  const image = { inputs: 144, outputs: 10, imageShape: [12, 12, 1] as const };
  const options = { ...familySpec({ kind: 'vgg', stages: 2, channels: 4 }, { kind: 'glyphs' }).network };
  const { multiplications } = networks.vgg.plan(options, image);
  assert.equal(multiplications, 144 * 9 * 4 + 36 * 9 * 4 * 8 + 8 * 10);
  assert.ok(entry('network', 'vgg'));
});
