/** @file Every metric of the host instruments on lists of layers, against loops over samples. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from '#core/catalog.ts';
import type { Metric } from '#core/define.ts';
import { assertClose } from '#core/programs/steps.fixture.ts';
import { rng } from '#core/rng.ts';
import { answerQuestion } from './answer.ts';
import { filesGiven } from './files.ts';
import { expectedOf, sizeOf, type Case, type Tensor } from './hostMetrics.fixture.ts';

const random = rng(29, 'test');
const normals = (n: number, scale = 1) => Array.from({ length: n }, () => scale * random.normal());

const cases: Readonly<Record<string, Case>> = {
  'a residual network of dense layers under layer normalization, with labels': {
    layers: [
      { type: 'dense', activation: 'tanh' },
      { type: 'save', key: 'a' },
      { type: 'dense' },
      { type: 'layernorm', eps: 0.01, affine: true },
      { type: 'activation', fn: 'sigmoid' },
      { type: 'dense', bias: false },
      { type: 'add', key: 'a' },
      { type: 'dense' },
    ],
    params: [[3, 4], [4], [4, 4], [4], [4], [4], [4, 4], [4, 3], [3]],
    inputs: { shape: [6, 3], data: normals(18) },
    targets: [0, 1, 2, 2, 1, 0],
    outputs: 3,
    loss: 'softmax_ce',
    stream: { start: 0, behind: [0, -1, 6, -1] },
  },
  'a residual stream from the inputs on, with activations behind the additions and a branch of two kernels in a row': {
    layers: [
      { type: 'save', key: 'a' },
      { type: 'dense' },
      { type: 'dense' },
      { type: 'add', key: 'a' },
      { type: 'activation', fn: 'tanh' },
      { type: 'save', key: 'a' },
      { type: 'dense', activation: 'sigmoid' },
      { type: 'save', key: 'inner' },
      { type: 'dense', bias: false },
      { type: 'add', key: 'inner' },
      { type: 'dense', bias: false },
      { type: 'add', key: 'a' },
      { type: 'activation', fn: 'sigmoid' },
      { type: 'dense' },
    ],
    params: [[4, 4], [4], [4, 4], [4], [4, 4], [4], [4, 4], [4, 4], [4, 3], [3]],
    inputs: { shape: [6, 4], data: normals(24) },
    targets: [0, 1, 2, 2, 1, 0],
    outputs: 3,
    loss: 'softmax_ce',
    stream: { start: -1, behind: [-1, 3, -1, -1, 11, -1] },
  },
  'a convolutional network under batch normalization, with values': {
    layers: [
      { type: 'conv2d', stride: 1, padding: 'same', bias: false },
      { type: 'batchnorm', eps: 0.01, affine: true },
      { type: 'activation', fn: 'relu' },
      { type: 'avgpool2' },
      { type: 'conv2d', stride: [1, 2], padding: 'valid', activation: 'softplus' },
      { type: 'flatten' },
      { type: 'dense' },
    ],
    params: [[3, 3, 1, 2], [2], [2], [2, 2, 2, 3], [3], [3, 2], [2]],
    inputs: { shape: [5, 4, 4, 1], data: normals(80) },
    targets: normals(10),
    outputs: 2,
    loss: 'half_mse',
  },
  'squares in a row': {
    layers: [{ type: 'dense', bias: false, activation: 'square' }, { type: 'dense' }],
    params: [[2, 3], [3, 1], [1]],
    inputs: { shape: [5, 2], data: normals(10) },
    targets: normals(5),
    outputs: 1,
    loss: 'half_mse',
  },
};
const spelled: Readonly<Record<string, string>> = { square: 'quadratic' };

for (const [title, of] of Object.entries(cases))
  test(`${title}: every metric of samples and kernels is what loops over single samples say`, async () => {
    const now = of.params.map((shape) => ({ shape, data: normals(sizeOf(shape), 0.7) }));
    const initial = now.map(({ shape, data }) => ({ shape, data: data.map((value) => value + 0.2 * random.normal()) }));
    const named = (tensors: readonly Tensor[]) => Object.fromEntries(tensors.map((tensor, i) => [`p${i}`, tensor]));
    const metrics = Object.values(catalog.metric as Readonly<Record<string, Metric>>).filter(({ samples, gram }) => samples ?? gram);
    const answer = (await answerQuestion(
      {
        layers: of.layers.map(({ activation, ...layer }) => ({
          ...layer,
          ...(typeof activation === 'string' ? { activation: spelled[activation] ?? activation } : {}),
        })),
        params: named(now),
        initial: named(initial),
        inputs: of.inputs,
        targets: of.targets,
        loss: of.loss,
        ask: metrics.map(({ card }) => card.name),
      },
      filesGiven(new Map()),
    )) as Record<string, number | number[] | null>;
    const { functionDimension, coarseGradientCosine, ...found } = answer;
    assert.equal(coarseGradientCosine, null); // of threshold networks alone; its test stands beside its theory
    // all quadratic forms of two variables, and a constant
    assert.equal(functionDimension, title === 'squares in a row' ? 3 + 1 : null);
    const expected = expectedOf(of, now, initial);
    assert.deepEqual(
      metrics.map(({ card }) => card.name).filter((name) => name !== 'functionDimension' && name !== 'coarseGradientCosine'),
      Object.keys(expected).sort(),
    );
    for (const [name, wanted] of Object.entries(expected)) {
      if (found[name] === null) {
        assert.ok(wanted.every(Number.isNaN) || ['displacement', 'streamGradientRatio'].includes(name), name);
        continue;
      }
      const got = [found[name]!].flat();
      const kept = wanted.flatMap((value, i) => (Number.isFinite(value) ? [i] : []));
      const rest = (values: readonly number[]) => values.map((value) => (Number.isFinite(value) ? 'finite' : String(value)));
      assert.deepEqual(rest(got), rest(wanted), `${name}: ${got} against ${wanted}`);
      assertClose(
        kept.map((i) => got[i]!),
        kept.map((i) => wanted[i]!),
        1e-9,
        name,
      );
    }
  });

test('samples that are all the same have no noise, not less than none; a single one is like no other', async () => {
  const ask = ['gradVariance', 'gradNoiseScale', 'gradSignalToNoise', 'sampleCorrelation'];
  for (const samples of [1, 2, 3, 5, 7, 11]) {
    const question = {
      layers: [{ type: 'dense', activation: 'tanh' }, { type: 'dense' }],
      params: Object.fromEntries([[3, 3], [3], [3, 2], [2]].map((shape, i) => [`p${i}`, { shape, data: normals(sizeOf(shape)) }])),
      inputs: Array(samples).fill([0.3, -1.7, 0.9]),
      targets: Array(samples).fill([1, 0.3]),
      loss: 'half_mse',
      ask,
    };
    const answer = await answerQuestion(question, filesGiven(new Map()));
    const layers = (value: number) => [value, value];
    const none = samples === 1 ? NaN : 0;
    assert.deepEqual(answer.gradVariance, layers(none));
    assert.equal(answer.gradNoiseScale, none);
    assert.deepEqual(answer.gradSignalToNoise, layers(samples === 1 ? NaN : Infinity));
    for (const value of answer.sampleCorrelation as number[]) assert.ok(samples === 1 ? Number.isNaN(value) : Math.abs(value - 1) < 1e-14);
  }
});
