/** @file The estimate of cost against counting by hand, and how it grows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entry } from './catalog.ts';
import { estimateCost } from './estimate.ts';
import { parseSpec } from './spec.ts';

const of = (spec: object) =>
  estimateCost(
    parseSpec({
      network: { kind: 'mlpChain', depth: 2, width: 5 },
      dataset: { kind: 'gaussianMixture', inputs: 3, classes: 4, train: 100 },
      curvature: { enabled: false },
      ...spec,
    }),
  );

test('parameters and arithmetic are counted', () => {
  const { parameters, flopsPerStep, exact } = of({ batchSize: 10 });
  assert.equal(parameters, 3 * 5 + 5 + (5 * 5 + 5) + (5 * 4 + 4));
  assert.equal(flopsPerStep, 6 * parameters * 10);
  assert.equal(exact, true);
});

test('a full batch counts the whole training set, whatever the batch size says', () => {
  const { parameters, flopsPerStep } = of({ optimizer: 'gradientDescent', batchSize: 10 });
  assert.equal(flopsPerStep, 6 * parameters * 100);
});

test('recorded bytes: four a value and eight a row, at multiples of every', () => {
  const step = ['loss', 'gradNorm']; // one value, and one a layer
  assert.equal(of({ steps: 10, metrics: { step } }).bytes, 10 * (4 * (1 + 3) + 8 * 2));
  assert.equal(of({ steps: 10, metrics: { step, every: 5 } }).bytes, 2 * (4 * (1 + 3) + 8 * 2));
});

test('float64 takes twice the memory, Adam its two slots more than plain descent', () => {
  const [single, double] = [of({}), of({ runtime: { precision: 'float64' } })];
  assert.equal(double.memoryBytes, 2 * single.memoryBytes);
  assert.equal(of({ optimizer: 'adam' }).memoryBytes - single.memoryBytes, 2 * 4 * single.parameters);
});

test('time grows with the steps, and curvature takes its share on top', () => {
  assert.ok(Math.abs(of({ steps: 4_000 }).seconds / of({ steps: 2_000 }).seconds - 2) < 1e-9);
  const metrics = { weights: 'never', samples: 'never' };
  const [without, half] = [of({ metrics }), of({ metrics, curvature: { enabled: true, share: 0.5 } })];
  assert.ok(Math.abs(half.seconds / without.seconds - 2) < 1e-9);
  // an instrument none of whose metrics is wanted takes nothing
  const one = of({ metrics: { share: 0.5, host: ['spectralNorm'] } });
  assert.ok(Math.abs(one.seconds / without.seconds - 2) < 1e-9);
});

test('sizes of files are a guess and said to be one', () => {
  assert.equal(of({ dataset: { kind: 'idx', path: 'somewhere' } }).exact, false);
});

test('an unknown entry is told what is known', () => {
  assert.throws(() => entry('loss', 'toString'), /unknown loss: toString; known: .*softmaxCrossEntropy/);
});

test('what an optimizer has solved counts: a product per output of the batch, inverses by their period', () => {
  const flops = (changes: object) =>
    estimateCost(
      parseSpec({ dataset: { kind: 'gaussianMixture', inputs: 20, classes: 5 }, loss: 'meanSquaredError', batchSize: 10, ...changes }),
    ).flopsPerStep;
  const plain = flops({});
  const ratio = flops({ optimizer: 'gaussNewton' }) / plain;
  assert.ok(ratio > 1 + 50 * (10 / 6) && ratio < 1.1 * (1 + 50 * (10 / 6)), `50 columns: ${ratio}`);
  const every = (steps: number) => flops({ optimizer: { kind: 'kfac', every: steps } });
  const [often, rarely, never] = [every(1), every(10), every(1e5)];
  assert.ok(Math.abs((often - never) / (rarely - never) - 10) < 0.01 && never > plain);
});

test('the learning rates of layers are in it where the parameterization gives them their own', () => {
  assert.equal(estimateCost(parseSpec({})).layerRates, null);
  const rates = estimateCost(
    parseSpec({ network: { kind: 'mlpChain', depth: 3, width: 4 }, parameterization: 'muP', optimizer: { kind: 'sgd', learningRate: 1 } }),
  ).layerRates;
  assert.deepEqual(
    rates?.map(({ from, to, later }) => [from, to, later]),
    [
      ['layer1', 'layer1', 4],
      ['layer2', 'layer3', 1],
      ['readout', 'readout', 0.25],
    ],
  );
});
