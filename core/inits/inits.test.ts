/** @file The law of every initialization: variance and kurtosis of its entries, exact orthogonality, its law across depth, what it does to the data. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../catalog.ts';
import type { InitRequest } from '../define.ts';
import { familySpec } from '../networks/families.fixture.ts';
import { dataShape, forwardPass, initialWeights, planRun, stackInputs, type RunPlan } from '../programs/plan.ts';
import { dataOf, norm } from '../programs/steps.fixture.ts';
import { placeExamples } from '../programs/examples.ts';
import { unitVariance } from '../programs/unitVariance.ts';
import { createBuilder } from '../graph/builder.ts';
import { evaluate } from '../graph/evaluate.ts';
import { sizeOf, type Node, type Shape } from '../graph/node.ts';
import { rng } from '../rng.ts';
import { inits } from './index.ts';

type Name = keyof typeof inits;
const { sqrt, abs } = Math;
const tanhs: InitRequest['activation'] = (points) => ({ value: points.map(Math.tanh), slope: points.map((x) => 1 - Math.tanh(x) ** 2) });

const request = (shape: Shape, changes: Partial<InitRequest> = {}): InitRequest => ({
  shape,
  fanIn: sizeOf(shape) / shape.at(-1)!,
  fanOut: (sizeOf(shape) / shape.at(-2)!) | 0,
  kind: 'hidden',
  place: 'hidden',
  branch: null,
  activation: tanhs,
  ...changes,
});
const draw = (name: Name, of: InitRequest, options: object = {}, layer = 0) =>
  inits[name].draw(rng(1, 'init', layer), of, { ...defaults('init', name), ...options });

const [fanIn, fanOut] = [300, 200];
const dense = request([fanIn, fanOut]);
const kernel = request([3, 3, 24, 40]);

/** [entry, options, variance for the dense and for the convolution's request, kurtosis]. */
const laws: readonly (readonly [Name, object, number, number, number])[] = [
  ['glorot', { distribution: 'normal' }, 2 / 500, 2 / (9 * 64), 3],
  ['glorot', { distribution: 'uniform' }, 2 / 500, 2 / (9 * 64), 9 / 5],
  ['he', { distribution: 'normal' }, 2 / 300, 2 / 216, 3],
  ['he', { distribution: 'uniform' }, 2 / 300, 2 / 216, 9 / 5],
  ['lecun', { distribution: 'normal' }, 1 / 300, 1 / 216, 3],
  ['lecun', { distribution: 'uniform' }, 1 / 300, 1 / 216, 9 / 5],
  ['frameworkDefault', {}, 1 / 900, 1 / 648, 9 / 5],
  ['rademacher', { variance: 'he' }, 2 / 300, 2 / 216, 1],
  ['rademacher', { variance: 'lecun' }, 1 / 300, 1 / 216, 1],
  ['zeroLastLayer', { distribution: 'normal' }, 2 / 300, 2 / 216, 3],
  ['fixup', { distribution: 'uniform' }, 2 / 300, 2 / 216, 9 / 5],
  ['criticalGaussian', { sigmaB: 0 }, 1 / 300, 1 / 216, 3], // tanh has slope 1 at 0
  ['smooth', {}, 1 / 300, 1 / 216, 9 / 5],
  ['signReadout', {}, 1, 1, 3],
  ['slopeNormal', {}, 1 / 300, 1 / 216, 3],
];

for (const [name, options, ofDense, ofKernel, kurtosis] of laws)
  test(`${name} ${JSON.stringify(options)}: variance and kurtosis ${kurtosis} within five standard errors, dense and convolution`, () => {
    for (const [of, variance] of [
      [dense, ofDense],
      [{ ...kernel, fanOut: 9 * 40 }, ofKernel],
    ] as const) {
      const draws = draw(name, of, options);
      const n = draws.length;
      const moment = (power: number) => draws.reduce((sum, w) => sum + w ** power, 0) / n;
      assert.ok(abs(moment(1)) < 5 * sqrt(variance / n));
      assert.ok(
        abs(moment(2) / variance - 1) < 5 * sqrt(Math.max(kurtosis - 1, 1e-9) / n) + 1e-6,
        `variance ${moment(2)}, not ${variance}`,
      );
      // the standard error of the sample kurtosis is √(24/n) for the normal law and smaller for the others
      assert.ok(abs(moment(4) / moment(2) ** 2 - kurtosis) < 5 * sqrt(24 / n));
    }
  });

test('a readout of signs has entries of one size, 1/√n_in', () => {
  const draws = draw('signReadout', { ...dense, kind: 'readout' });
  assert.ok(draws.every((w) => abs(abs(w) - 1 / sqrt(fanIn)) < 1e-15) && new Set(draws).size === 2);
});

const gram = (w: Float64Array, rows: number, columns: number) => {
  const at = (i: number, k: number) => (rows >= columns ? w[k * columns + i]! : w[i * columns + k]!);
  const [short, long] = [Math.min(rows, columns), Math.max(rows, columns)];
  return (i: number, j: number) =>
    Array.from({ length: long }, (_, k) => at(i, k) * at(j, k)).reduce((sum, value) => sum + value, 0) * (short > 0 ? 1 : 0);
};

test('orthogonal kernels keep norms exactly: QᵀQ = g² I on the short side, wide, tall and convolutional', () => {
  for (const [shape, gain] of [
    [[40, 40], 1],
    [[60, 20], 1.5],
    [[20, 60], Math.SQRT2],
    [[3, 3, 4, 12], 2],
  ] as const) {
    const [columns, rows] = [shape.at(-1)!, sizeOf(shape) / shape.at(-1)!];
    const product = gram(draw('orthogonal', request(shape), { gain }), rows, columns);
    for (let i = 0; i < Math.min(rows, columns); i++)
      for (let j = 0; j < Math.min(rows, columns); j++) assert.ok(abs(product(i, j) - (i === j ? gain * gain : 0)) < 1e-12);
  }
});

test('orthogonal kernels are of the uniform law over all of them: entries of variance g²/max, kurtosis 3d/(d + 2), traces like a standard normal', () => {
  const [size, draws, gain] = [7, 4_000, 1.5];
  const all = Array.from({ length: draws }, (_, layer) => draw('orthogonal', request([size, size]), { gain }, layer));
  const average = (of: (kernel: Float64Array) => number) => all.reduce((sum, kernel) => sum + of(kernel), 0) / draws;
  // a QR decomposition whose signs nobody draws gives a trace that is not centred, and a first row of one sign
  const trace = (kernel: Float64Array) => Array.from({ length: size }, (_, i) => kernel[i * (size + 1)]!).reduce((a, b) => a + b) / gain;
  for (const [power, moment, variance] of [
    [1, 0, 1],
    [2, 1, 2],
    [3, 0, 15],
    [4, 3, 96],
  ] as const)
    assert.ok(abs(average((kernel) => trace(kernel) ** power) - moment) < 5 * sqrt(variance / draws), `moment ${power} of the trace`);
  const kurtosis = (3 * size) / (size + 2); // of a coordinate of a uniform point of the sphere
  for (const at of [0, size - 1, size * size - 1]) {
    assert.ok(abs(average((kernel) => kernel[at]!)) < 5 * (gain / sqrt(size * draws)));
    const square = average((kernel) => kernel[at]! ** 2) / (gain ** 2 / size);
    assert.ok(abs(square - 1) < 5 * sqrt((kurtosis - 1) / draws), `variance of entry ${at}: ${square}`);
    const fourth = average((kernel) => kernel[at]! ** 4) / (gain ** 4 / size ** 2);
    assert.ok(abs(fourth - kurtosis) < 5 * sqrt(96 / draws), `kurtosis of entry ${at}: ${fourth}`); // at most that of a normal
  }
  const tall = draw('orthogonal', request([600, 40]));
  assert.ok(abs(tall.reduce((sum, w) => sum + w * w, 0) / tall.length - 1 / 600) < 1e-15);
});

test('delta-orthogonal and identity kernels live at the middle of the window', () => {
  const middle = (w: Float64Array) => w.subarray(4 * 30, 5 * 30);
  const around = (w: Float64Array) => norm([...w.subarray(0, 4 * 30), ...w.subarray(5 * 30)]);
  const shape = [3, 3, 5, 6];
  const orthogonal = draw('deltaOrthogonal', request(shape));
  assert.equal(around(orthogonal), 0);
  const product = gram(middle(orthogonal), 5, 6);
  for (let i = 0; i < 5; i++) for (let j = 0; j < 5; j++) assert.ok(abs(product(i, j) - (i === j ? 1 : 0)) < 1e-12);
  const identity = draw('identity', request(shape), { gain: 3 });
  assert.equal(around(identity), 0);
  middle(identity).forEach((value, at) => assert.equal(value, Math.floor(at / 6) === at % 6 ? 3 : 0));
  assert.deepEqual([...draw('identity', request([2, 3]))], [1, 0, 0, 0, 1, 0]);
});

test('Fixup: the last kernel of a branch and the readout are 0, the others shrink by N^(-1/(2M-2))', () => {
  const of = (index: number, count: number) => request([50, 50], { kind: 'branch', branch: { index, of: count, blocks: 16 } });
  assert.equal(norm(draw('fixup', of(1, 2))), 0);
  assert.equal(norm(draw('fixup', of(0, 1))), 0);
  assert.equal(norm(draw('fixup', request([50, 10], { kind: 'readout' }))), 0);
  const plain = norm(draw('fixup', request([50, 50])));
  assert.ok(abs(norm(draw('fixup', of(0, 2))) / plain - 16 ** -0.5) < 1e-12);
  assert.ok(abs(norm(draw('fixup', of(1, 3))) / plain - 16 ** -0.25) < 1e-12);
  assert.equal(norm(draw('zeroLastLayer', request([50, 10], { kind: 'readout' }))), 0);
});

test('a residual network tells its inits which kernel of which branch is drawn', () => {
  const flat = { kind: 'gaussianMixture', classes: 3, inputs: 5, train: 24, heldOut: 12 };
  const spec = familySpec({ kind: 'resnet', depth: 4, width: 6 }, flat, { init: 'fixup' });
  const plan = planRun(spec, { inputs: 5, outputs: 3, targets: 'labels' });
  const weights = initialWeights(plan);
  const stackOf = (name: string) => plan.stacks.find(({ members }) => members.some((member) => member.name === name))!;
  const { name, members } = stackOf('block2.v.weight');
  const values = weights.get(name)!;
  const size = values.length / members.length;
  members.forEach((member, i) =>
    assert.equal(norm(values.subarray(i * size, (i + 1) * size)) === 0, /\.v\./.test(member.name), member.name),
  );
  assert.equal(norm(weights.get(stackOf('readout.weight').name)!), 0);
});

test('framework default draws biases too, of the law of the weights', () => {
  const biases = inits.frameworkDefault.bias!(rng(1, 'init', 3), { ...dense, shape: [20_000] }, { kind: 'frameworkDefault' });
  assert.ok(biases.every((b) => abs(b) <= 1 / sqrt(300)));
  assert.ok(abs(biases.reduce((sum, b) => sum + b * b, 0) / 20_000 / (1 / 900) - 1) < 5 * sqrt(0.8 / 20_000));
});

/** Unit variance with the whole network evaluated anew for every round of every layer. */
function layerByLayer(plan: RunPlan, outputs: readonly Node[], x: Float64Array) {
  const weights = initialWeights(plan);
  outputs.forEach((output, layer) => {
    const stack = plan.stacks.find(({ role, members }) => role === 'weight' && members.some((member) => member.layer === layer))!;
    const size = weights.get(stack.name)!.length / stack.members.length;
    const at = stack.members.findIndex((member) => member.layer === layer) * size;
    for (let round = 0; round < 10; round++) {
      const h = evaluate([output], { x, ...Object.fromEntries(weights) })[0] as Float64Array;
      const mean = h.reduce((sum, value) => sum + value, 0) / h.length;
      const variance = h.reduce((sum, value) => sum + (value - mean) ** 2, 0) / h.length;
      if (abs(variance - 1) < 1e-3) break;
      weights.get(stack.name)!.forEach((value, i, all) => {
        if (i >= at && i < at + size) all[i] = value / sqrt(variance);
      });
    }
  });
  return weights;
}

test('LSUV: the kernels are those of the plain loop, and every pre-activation of the batch has variance 1 to 1e-3, convolutional networks too', () => {
  for (const [network, dataset] of [
    [
      { kind: 'mlpChain', depth: 6, width: 20 },
      { kind: 'gaussianMixture', classes: 3, inputs: 5, train: 64, heldOut: 12 },
    ],
    [
      { kind: 'vgg', stages: 2, channels: 4 },
      { kind: 'glyphs', size: 12, train: 24, heldOut: 12 },
    ],
  ]) {
    const spec = familySpec(network!, dataset!, { init: 'lsuv', activation: 'relu' });
    const { train } = dataOf(spec);
    const plan = planRun(spec, dataShape(train));
    const weights = initialWeights(plan);
    const inputs = Float64Array.from(train.inputs);
    unitVariance(plan, weights, inputs, train.n);
    const g = createBuilder('float64');
    const stacks = stackInputs(g, plan);
    const parts = stacks.map(({ input }) => input);
    const { taps } = forwardPass(g, plan, parts, g.input('x', [train.n, train.inputSize]), train.n);
    const results = evaluate(
      taps.map(({ preActivation }) => preActivation),
      { x: inputs, ...Object.fromEntries(weights) },
    );
    const outputs = taps.map(({ preActivation }) => preActivation);
    for (const [name, values] of layerByLayer(plan, outputs, inputs)) assert.deepEqual(weights.get(name), values);
    for (const values of results as Float64Array[]) {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      assert.ok(abs(variance - 1) < 1e-3, `variance ${variance}`);
    }
  }
});

test('LSUV leaves landmarks what they are, examples of the training set', () => {
  const dataset = { kind: 'gaussianMixture', classes: 3, inputs: 5, train: 24, heldOut: 12 };
  const spec = familySpec({ kind: 'nystrom', landmarks: 4 }, dataset, { init: 'lsuv' });
  const { train } = dataOf(spec);
  const plan = planRun(spec, dataShape(train));
  const weights = initialWeights(plan, (drawn) => placeExamples(plan, drawn, train));
  const before = weights.get('landmarks.weight')!.slice();
  const readout = weights.get('readout.weight')!.slice();
  unitVariance(plan, weights, Float64Array.from(train.inputs), train.n);
  assert.deepEqual(weights.get('landmarks.weight'), before);
  assert.notDeepEqual(weights.get('readout.weight'), readout);
});

test('the same stream draws the same kernel, another layer draws another; shapes of one value work', () => {
  for (const name of Object.keys(inits) as Name[]) {
    const of = request([4, 3]);
    assert.deepEqual(draw(name, of, {}, 1), draw(name, of, {}, 1));
    if (name !== 'identity') assert.notDeepEqual(draw(name, of, {}, 1), draw(name, of, {}, 2), name);
    for (const shape of [
      [1, 1],
      [1, 5],
      [5, 1],
      [1, 1, 1, 1],
    ])
      assert.ok(draw(name, request(shape)).every(Number.isFinite), `${name} [${shape}]`);
  }
});
