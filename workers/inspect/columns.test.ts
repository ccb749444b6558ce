/** @file Columns of matrices as runtimes make them: beside the graph as it is written, in pieces of any size, of blocks of large operators. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspectObjective, gaussNewtonProgram, hessianProgram, modelFisherProgram } from '#core/inspect/objective.ts';
import { sizeOf } from '#core/graph/node.ts';
import { rng } from '#core/rng.ts';
import { answerQuestion } from './answer.ts';
import { filesGiven } from './files.ts';
import { openMachine, openRuntime } from './machine.ts';
import { parseRequest } from './request.ts';
import { blockOf, denseOf, type Operator } from './spectrum.ts';
import { readSubject } from './subject.ts';

const random = rng(21, 'test');
const normals = (shape: readonly number[], scale = 1) => ({
  shape,
  data: Array.from({ length: sizeOf(shape) }, () => scale * random.normal()),
});
const labels = (count: number) => Array.from({ length: count }, (_, b) => b % 3);
const tensors = (...shapes: number[][]) => Object.fromEntries(shapes.map((shape, i) => [`p${i}`, normals(shape, 0.5)]));

const families: Readonly<Record<string, object>> = {
  dense: {
    layers: [
      { type: 'dense', out: 12, activation: 'tanh' },
      { type: 'dense', out: 7, activation: 'silu' },
      { type: 'dense', out: 3 },
    ],
    ...{ params: tensors([9, 12], [12], [12, 7], [7], [7, 3], [3]), inputs: normals([20, 9]), targets: labels(20), loss: 'softmax_ce' },
  },
  'convolutions with batch normalization': {
    layers: [
      { type: 'conv2d', kernel: 3, out: 4, padding: 'same', activation: 'tanh' },
      { type: 'batchnorm' },
      { type: 'conv2d', kernel: 3, out: 5 },
      { type: 'batchnorm' },
      { type: 'activation', fn: 'sigmoid' },
      { type: 'global_avg_pool' },
      { type: 'dense', out: 3 },
    ],
    params: tensors([3, 3, 2, 4], [4], [4], [4], [3, 3, 4, 5], [5], [5], [5], [5, 3], [3]),
    ...{ inputs: normals([3, 5, 5, 2]), targets: labels(3), loss: 'softmax_ce' },
  },
  'layer normalization': {
    layers: [{ type: 'dense', out: 8 }, { type: 'layernorm' }, { type: 'activation', fn: 'tanh' }, { type: 'dense', out: 3 }],
    ...{ params: tensors([5, 8], [8], [8], [8], [8, 3], [3]), inputs: normals([9, 5]), targets: labels(9), loss: 'softmax_ce' },
  },
  'a residual stream': {
    layers: [
      { type: 'dense', out: 6 },
      { type: 'save', key: 's' },
      { type: 'dense', out: 6, activation: 'tanh' },
      { type: 'add', key: 's' },
      { type: 'dense', out: 3 },
    ],
    ...{ params: tensors([5, 6], [6], [6, 6], [6], [6, 3], [3]), inputs: normals([9, 5]), targets: normals([9, 3]), loss: 'half_mse' },
  },
  'maximum pooling': {
    layers: [
      { type: 'conv2d', kernel: 3, out: 4, padding: 'same', activation: 'tanh' },
      { type: 'maxpool2' },
      { type: 'flatten' },
      { type: 'dense', out: 3 },
    ],
    ...{ params: tensors([3, 3, 2, 4], [4], [36, 3], [3]), inputs: normals([5, 6, 6, 2]), targets: labels(5), loss: 'softmax_ce' },
  },
};

async function opened(question: object, runtimeName: 'onnx' | 'reference', precision: 'float64' | 'float32') {
  const request = parseRequest({ ...question, precision, runtime: runtimeName });
  const subject = readSubject(request, filesGiven(new Map()));
  const { parameters, inputs, targets } = subject;
  const objective = inspectObjective({
    precision,
    ...{
      inputShape: inputs.shape,
      targets,
      parameters: parameters.map(({ shape }) => shape),
      forward: subject.forward,
      loss: subject.loss,
    },
  });
  const feeds = Object.fromEntries([
    ...parameters.map(({ data }, i) => [`parameter${i}`, data] as const),
    ...([
      ['inputs', inputs.data],
      ['targets', targets.data],
    ] as const),
  ]);
  const machine = await openMachine(await openRuntime(request.runtime, precision), objective, feeds);
  return { objective, machine, size: parameters.reduce((sum, { data }) => sum + data.length, 0) };
}

const units = (size: number, count = size) =>
  Array.from({ length: count }, (_, i) => {
    const unit = new Float64Array(size);
    unit[i % size] = 1;
    return unit;
  });

for (const [name, question] of Object.entries(families))
  test(`${name}: every column is that of the graph as it is written, in float64 to 1e-12, in float32 to its rounding`, async () => {
    for (const make of [
      hessianProgram,
      gaussNewtonProgram,
      ...('targets' in question && name !== 'a residual stream' ? [modelFisherProgram] : []),
    ]) {
      const plain = await opened(question, 'reference', 'float64');
      const wanted = await plain.machine.products(make(plain.objective), 'vector', units(plain.size));
      const scale = Math.max(...wanted.map((column) => Math.max(...column.map(Math.abs))));
      for (const [precision, tolerance] of [
        ['float64', 1e-12],
        ['float32', 200 * 2 ** -24], // sums of some hundred products, one after another through at most 7 layers
      ] as const) {
        const { objective, machine, size } = await opened(question, 'onnx', precision);
        const found = await machine.products(make(objective), 'vector', units(size));
        const off = Math.max(...found.map((column, i) => Math.max(...column.map((value, j) => Math.abs(value - wanted[i]![j]!)))));
        assert.ok(off <= tolerance * scale, `${make.name} in ${precision}: ${off / scale}`);
        await machine.close();
      }
      await plain.machine.close();
    }
  });

test('products are the same however many are asked for at once', async () => {
  const { objective, machine, size } = await opened(families.dense!, 'onnx', 'float64');
  const program = hessianProgram(objective);
  const all = await machine.products(program, 'vector', units(size, 257));
  for (const count of [0, 1, 127, 128, 129, 256]) {
    const found = await machine.products(program, 'vector', units(size, count));
    assert.deepEqual(found, all.slice(0, count));
  }
  await machine.close();
});

test('columns of a block of a large operator: a few whole vectors at a time, whatever their number', async () => {
  const size = 1_400_000;
  let most = 0;
  const operator: Operator = {
    size,
    noise: 2 ** -52,
    apply: async (vectors) => {
      most = Math.max(most, vectors.length);
      return vectors.map((vector) => vector.map((value, i) => (i % 7) * value));
    },
  };
  for (const count of [1, 2, 3, 5]) {
    const block = blockOf(
      operator,
      Int32Array.from({ length: count }, (_, i) => size - 1 - 3 * i),
    );
    const matrix = await denseOf(block);
    assert.deepEqual(
      [...matrix],
      Array.from({ length: count ** 2 }, (_, at) => (at % (count + 1) === 0 ? (size - 1 - (3 * at) / (count + 1)) % 7 : 0)),
    );
  }
  assert.equal(most, 2); // of 11 MB each
});

const crowded = (hidden: number, activation: string) => ({
  layers: [
    { type: 'dense', out: hidden, activation },
    { type: 'dense', out: 10 },
  ],
  params: { a: normals([60, hidden], 0.1), b: normals([hidden], 0.1), c: normals([hidden, 10], 0.2), d: normals([10]) },
  ...{ inputs: normals([100, 60]), targets: labels(100), loss: 'softmax_ce' },
});

test('above 2,000 parameters, where the ends are a crowd: the matrix after all, and of a ReLU block the zeros that there are', async () => {
  const asked = { top: 3, bottom: 5, trace: true, frobenius: true };
  for (const precision of ['float64', 'float32']) {
    const question = { ...crowded(34, 'relu'), precision };
    const answer: any = await answerQuestion({ ...question, ask: { blocks: asked } }, filesGiven(new Map()));
    const { dense0: block } = answer.blocks;
    assert.deepEqual([block.parameters, block.method], [34 * 61, 'dense']);
    const most = precision === 'float64' ? 1e-12 : 1e-5;
    for (const residual of [...block.topResiduals, ...block.bottomResiduals]) assert.ok(residual < most * block.top[0]);
    // linear in its weights: the block is that of the Gauss-Newton matrix, whose rank is at most 100 · 9
    for (const value of block.bottom) assert.ok(Math.abs(value) < most * block.top[0], `${value}`);
    if (precision === 'float32') continue;
    // without the matrix
    const ask = { blocks: { of: 'ggn', trace: true, frobenius: true, method: 'lanczos' } };
    const other: any = await answerQuestion({ ...question, ask }, filesGiven(new Map()));
    const { dense0: products } = other.blocks;
    assert.equal(products.method, 'lanczos');
    for (const sum of ['trace', 'frobenius']) assert.ok(Math.abs(products[sum] - block[sum]) < 10 * most * block[sum]);
  }
});

test('products that are not finite: said so, below and above 2,000 parameters', async () => {
  for (const hidden of [5, 34]) {
    const question = crowded(hidden, 'relu');
    for (const tensor of [question.params.a, question.params.c]) tensor.data = tensor.data.map((value) => 1e200 * value);
    const ask = { hessian: { top: 1, bottom: 1 }, blocks: { top: 1, trace: true } };
    const answer: any = await answerQuestion({ ...question, ask }, filesGiven(new Map()));
    for (const part of [answer.hessian, answer.blocks.dense0]) assert.match(part.error, /not to be had/, `${hidden}`);
  }
});
