/** @file Metrics by name and networks of the catalog, against the answers' own gradients and matrices worked out by loops. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from '#core/catalog.ts';
import { jacobiSingularValues } from '#core/curvature/jacobi.fixture.ts';
import { binCount, binOf } from '#core/curvature/density.ts';
import { ask, chain, close, norm, normals } from './metrics.fixture.ts';

const byLayer = ['layer1', 'layer2', 'readout'];

test('metrics of a step equal loops over the gradients and weights', async () => {
  const { gradients, gradNorm, relativeGradNorm, updateRatio, cosineWeightGradient, ...rest } = await ask({
    ...chain,
    learningRate: 0.25,
    ask: [
      'gradients',
      'gradNorm',
      'relativeGradNorm',
      'updateRatio',
      'cosineWeightGradient',
      'layerNorms',
      'loss',
      'learningRate',
      'accuracy',
      'updateSpectralNorm',
      'updateStableRank',
    ],
  });
  const slopes = byLayer.map((layer) => gradients[`${layer}.weight`].data as number[]);
  const weights = byLayer.map((layer) => rest.layerNorms[layer].weightNorm as number);
  close(gradNorm, slopes.map(norm), 'gradNorm');
  close(
    relativeGradNorm,
    slopes.map((slope, l) => norm(slope) / weights[l]!),
    'relativeGradNorm',
  );
  close(
    updateRatio,
    slopes.map((slope, l) => (0.25 * norm(slope)) / weights[l]!),
    'updateRatio',
  );
  close(
    byLayer.map((layer) => rest.layerNorms[layer].gradNorm),
    gradNorm,
    'layerNorms',
  );
  assert.equal(rest.learningRate, 0.25);
  const largest = slopes.map((slope, l) => {
    const columns = gradients[`${byLayer[l]}.weight`].shape[1] as number;
    return jacobiSingularValues({ rows: slope.length / columns, columns, values: Float64Array.from(slope) })[0]!;
  });
  close(
    rest.updateSpectralNorm,
    largest.map((sigma) => 0.25 * sigma),
    'updateSpectralNorm',
  );
  close(
    rest.updateStableRank,
    slopes.map((slope, l) => (norm(slope) / largest[l]!) ** 2),
    'updateStableRank',
  );
  assert.ok(rest.accuracy >= 0 && rest.accuracy <= 1);
  assert.equal(cosineWeightGradient.length, 3);
});

test('singular values are a list for each layer, as long as the layer has them', async () => {
  const { singularValues } = await ask({
    layers: [
      { type: 'dense', bias: false },
      { type: 'dense', bias: false },
    ],
    params: { wide: { shape: [2, 3], data: [3, 0, 0, 0, 4, 0] }, thin: { shape: [3, 1], data: [1, 2, 2] } },
    inputs: { shape: [2, 2], data: [1, 0, 0, 1] },
    targets: [0, 0],
    loss: 'half_mse',
    ask: ['singularValues'],
  });
  close(singularValues[0], [4, 3], 'wide');
  close(singularValues[1], [3], 'thin');
});

test('curvature metrics equal the matrices; the Fisher matrix is the mean of the examples’ outer products', async () => {
  const answer = await ask({
    ...chain,
    ask: {
      ...Object.fromEntries(
        [
          'hessianTop',
          'hessianTrace',
          'ggnTop',
          'ggnTrace',
          'fisherTop',
          'fisherTrace',
          'modelFisherTop',
          'blockTop',
          'blockTrace',
          'hessianFrobenius',
          ...['ggn', 'fisher', 'modelFisher'].flatMap((matrix) => [
            `${matrix}BlockTop`,
            `${matrix}BlockTopResidual`,
            `${matrix}BlockTrace`,
          ]),
          ...['ggnDensity', 'ggnDensityError', 'fisherDensity', 'modelFisherDensity'],
        ].map((name) => [name, true]),
      ),
      hessian: { spectrum: true, matrix: true },
      ggn: { spectrum: true },
      fisher: { matrix: true, spectrum: true },
      blocks: { top: 1, trace: true },
      perSample: { gradients: true },
    },
  });
  close(answer.hessianTop, answer.hessian.spectrum.slice(0, 5), 'hessianTop');
  close(answer.ggnTop, answer.ggn.spectrum.slice(0, 5), 'ggnTop');
  close(answer.modelFisherTop, answer.ggnTop, 'modelFisherTop'); // softmax cross-entropy is a negative log-likelihood
  close([answer.hessianFrobenius], [norm(answer.hessian.matrix.data)], 'norm');
  close(
    [answer.hessianTrace, answer.ggnTrace],
    [answer.hessian.spectrum, answer.ggn.spectrum].map((s) => s.reduce((a: number, b: number) => a + b, 0)),
    'traces',
  );
  assert.ok(answer.ggn.spectrum.at(-1) > -1e-12, 'the Gauss-Newton matrix has no negative eigenvalue');
  close(
    answer.blockTop,
    byLayer.map((layer) => answer.blocks[layer].top[0]),
    'blockTop',
  );
  close(
    answer.blockTrace,
    byLayer.map((layer) => answer.blocks[layer].trace),
    'blockTrace',
  );
  for (const matrix of ['ggn', 'fisher']) {
    const own = (await ask({
      ...chain,
      ask: { blocks: { top: 1, trace: true, of: matrix }, [matrix]: { spectrum: true } },
    })) as typeof answer;
    const each = (field: (block: { top: number[]; trace: number }) => number) => byLayer.map((layer) => field(own.blocks[layer]));
    const shares = new Array<number>(binCount).fill(0);
    for (const value of own[matrix].spectrum) shares[binOf(value)]! += 1 / own[matrix].spectrum.length;
    for (const name of matrix === 'ggn' ? ['ggn', 'modelFisher'] : ['fisher']) {
      close(
        answer[`${name}BlockTop`],
        each(({ top }) => top[0]!),
        `${name}BlockTop`,
      );
      close(
        answer[`${name}BlockTrace`],
        each(({ trace }) => trace),
        `${name}BlockTrace`,
      );
      close(answer[`${name}Density`], shares, `${name}Density`);
      assert.ok(answer[`${name}BlockTopResidual`].every((residual: number) => residual > 0 && residual < 1e-12));
    }
  }
  assert.ok(
    answer.ggnDensityError.every((error: number) => error === 0),
    'all eigenvalues are known',
  );
  const { shape, data } = answer.perSample.gradients;
  const [batch, size] = shape as [number, number];
  const rows = Array.from({ length: batch }, (_, b) => data.slice(b * size, (b + 1) * size) as number[]);
  const outer = Array.from({ length: size * size }, (_, at) =>
    rows.reduce((sum, row) => sum + (row[Math.floor(at / size)]! * row[at % size]!) / batch, 0),
  );
  close(answer.fisher.matrix.data, outer, 'Fisher matrix');
  close([answer.fisherTrace], [rows.reduce((sum, row) => sum + norm(row) ** 2 / batch, 0)], 'Fisher trace');
});

test('held-out loss and accuracy are those of the data held out, with the statistics of the inputs where a batch is normalized', async () => {
  const layers = [
    { type: 'dense', name: 'a', out: 2, bias: false },
    { type: 'batchnorm', name: 'n', eps: 0.1 },
  ];
  const kernel = [0.5, -1, 2, 0.3];
  const [inputs, heldOut] = [normals(8), normals(6)];
  const labels = [0, 1, 1];
  const rows = (x: number[]) =>
    Array.from({ length: x.length / 2 }, (_, b) => [0, 1].map((j) => x[2 * b]! * kernel[j]! + x[2 * b + 1]! * kernel[2 + j]!));
  const normalized = rows(heldOut).map((row) =>
    row.map((value, j) => {
      const unit = rows(inputs).map((other) => other[j]!);
      const mean = unit.reduce((sum, x) => sum + x / 4, 0);
      return (value - mean) / Math.sqrt(unit.reduce((sum, x) => sum + (x - mean) ** 2 / 4, 0) + 0.1);
    }),
  );
  const answer = await ask({
    layers,
    params: { a: { shape: [2, 2], data: kernel } },
    inputs: { shape: [4, 2], data: inputs },
    targets: [0, 0, 1, 1],
    held_out: { inputs: { shape: [3, 2], data: heldOut }, targets: labels },
    loss: 'softmax_ce',
    ask: ['heldOutLoss', 'heldOutAccuracy'],
  });
  const losses = normalized.map((row, b) => Math.log(Math.exp(row[0]!) + Math.exp(row[1]!)) - row[labels[b]!]!);
  close([answer.heldOutLoss], [losses.reduce((sum, x) => sum + x / 3, 0)], 'loss');
  close([answer.heldOutAccuracy], [normalized.filter((row, b) => Number(row[1]! > row[0]!) === labels[b]).length / 3], 'accuracy');
});

test('a network of the catalog equals the same network as a list of layers', async () => {
  const inside = await ask({ ...chain, ask: ['loss', 'gradients', { hessian: { spectrum: true } }] });
  const names = byLayer.flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]);
  assert.deepEqual(inside.param_order, names);
  const list = {
    layers: [
      { type: 'dense', name: 'layer1', out: 5, activation: 'relu' },
      { type: 'dense', name: 'layer2', out: 5, activation: 'relu' },
      { type: 'dense', name: 'readout', out: 3 },
    ],
    inputs: chain.inputs,
    targets: chain.targets,
    loss: 'softmaxCrossEntropy',
    ask: ['loss', 'gradients', { hessian: { spectrum: true } }],
  };
  const params = Object.fromEntries(
    names.map((name) => [name, { shape: inside.gradients[name].shape, data: normals(inside.gradients[name].data.length) }]),
  );
  const [given, listed] = [await ask({ ...chain, params, ask: list.ask }), await ask({ ...list, params })];
  close([given.loss], [listed.loss], 'loss');
  close(given.hessian.spectrum, listed.hessian.spectrum, 'spectrum');
  for (const name of names) close(given.gradients[name].data, listed.gradients[name].data, name);
});

test('distances from the weights at step 0: zero at an initialization, asked for where nobody knows them, given where they are', async () => {
  const own = await ask({ ...chain, ask: ['initialDistance', 'spectralNorm', 'biasNorm'] });
  assert.deepEqual(own.initialDistance, [0, 0, 0]);
  assert.deepEqual(own.biasNorm, [0, 0, 0]);
  const question = {
    layers: [{ type: 'dense', name: 'l', out: 1, bias: false }],
    params: { l: [[3], [4]] },
    inputs: [[1, 0]],
    targets: [[0]],
    loss: 'half_mse',
    ask: ['initialDistance', 'spectralNorm'],
  };
  await assert.rejects(ask(question), /initial: must be the weights at step 0 for initialDistance/);
  const told = await ask({ ...question, initial: { l: [[0], [0]] } });
  close([told.initialDistance[0], told.spectralNorm[0]], [5, 5], 'distance');
});

test('every metric of the catalog is answered for every network; what a network has not is null, with the reason', async () => {
  const labels = [0, 1, 1, 0];
  const image = {
    spec: { network: { kind: 'vgg', stages: 1, channels: 2, normalization: 'batchNorm' }, activation: 'relu' },
    inputs: { shape: [4, 4, 4, 1], data: normals(64) },
    targets: labels,
    loss: 'softmax_ce',
    held_out: { inputs: { shape: [2, 4, 4, 1], data: normals(32) }, targets: [1, 0] },
  };
  const scalars = {
    ...image,
    spec: {
      network: { kind: 'convolutionalResnet', stages: 2, channels: 2, normalization: 'none', scalars: true, stochasticDepth: true },
      activation: 'relu',
    },
  };
  const frozen = {
    ...chain,
    spec: { network: { kind: 'nystrom', landmarks: 5 } },
    held_out: { inputs: chain.inputs, targets: chain.targets },
  };
  const list = {
    layers: [
      { type: 'conv2d', name: 'c', kernel: [3, 3], out: 2, padding: 'same', bias: false },
      { type: 'batchnorm', name: 'n', affine: true },
      { type: 'activation', name: 'a', fn: 'tanh' },
      { type: 'maxpool2', name: 'p' },
      { type: 'flatten', name: 'f' },
      { type: 'save', name: 's', key: 'k' },
      { type: 'dense', name: 'd', out: 8, activation: 'sigmoid' },
      { type: 'add', name: 'r', key: 'k' },
      { type: 'dense', name: 'out', out: 2 },
    ],
    ...image,
    spec: undefined,
    params: {
      'c.kernel': { shape: [3, 3, 1, 2], data: normals(18) },
      'n.scale': normals(2),
      'n.shift': normals(2),
      'd.kernel': { shape: [8, 8], data: normals(64) },
      'd.bias': normals(8),
      'out.kernel': { shape: [8, 2], data: normals(16) },
      'out.bias': normals(2),
    },
  };
  const { spec: _, ...question } = { ...list, initial: list.params };
  for (const [name, asked] of Object.entries({ image, scalars, frozen, list: question })) {
    const names = Object.keys(catalog.metric);
    const answer = await ask({ ...asked, ask: names });
    for (const metric of names) {
      assert.ok(metric in answer, `${name} ${metric}`);
      assert.equal(answer[metric] === null, metric in (answer.absent ?? {}), `${name} ${metric}`);
      assert.ok(answer.absent?.[metric] !== 'this network has no such quantity', `${name} ${metric} has no reason`);
      if (/^change|saturated|displacement/.test(metric)) continue; // nothing has changed at step 0; no activation function, no stream of one width
      const values = [answer[metric]].flat(2) as (number | null)[];
      assert.ok(values[0] === null || values.some((value) => !Number.isNaN(value)), `${name} ${metric} is ${values}`);
    }
  }
});
