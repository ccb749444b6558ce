/** @file Predictions against what small networks measure, and the assumptions they name where they do not apply. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entry } from '../catalog.ts';
import type { Prediction } from '../define.ts';
import { initialWeights, planRun } from '../programs/plan.ts';
import { measured, open } from '../programs/samples.fixture.ts';
import { openSteps } from '../programs/steps.fixture.ts';
import { weightsMoment } from '../programs/weights.ts';
import { parseSpec } from '../spec.ts';
import { mean } from '../statistics.ts';
import { predictions } from './index.ts';

const all: readonly Prediction[] = Object.values(predictions);
const planned = (changes: Record<string, unknown>) => {
  const spec = parseSpec(changes);
  const { inputs, outputs } = entry('dataset', spec.dataset.kind).sizes(spec.dataset)!;
  return planRun(spec, { inputs, outputs, targets: entry('dataset', spec.dataset.kind).targets });
};
/** A metric of freshly initialized networks, seed by seed. */
function atStart(
  metric: string,
  changes: Record<string, unknown>,
  seeds: number,
): { rows: Float64Array[]; plan: ReturnType<typeof planned> } {
  const made = Array.from({ length: seeds }, (_, seed) => {
    const opened = open(parseSpec({ runtime: { precision: 'float64' }, curvature: { enabled: false }, ...changes, seed: seed + 1 }));
    return { row: measured(opened, opened.initial).metrics[metric]!, plan: opened.plan };
  });
  return { rows: made.map(({ row }) => row), plan: made[0]!.plan };
}
const dataset = { kind: 'teacherNetwork', train: 300, heldOut: 10 };
const chains = [
  { activation: 'relu', init: 'he' },
  { activation: 'linear', init: 'lecun' },
].map((of) => ({ ...of, network: { kind: 'mlpChain', depth: 10, width: 12 }, dataset, metrics: { probeSize: 1 } }));

for (const chain of chains)
  test(`depthLaw, backwardLaw: one sample through 60 ${chain.activation} chains has the law's mean and spread`, () => {
    for (const [prediction, log] of [
      [predictions.depthLaw, (value: number) => value],
      [predictions.backwardLaw, Math.log],
    ] as const) {
      const { rows, plan } = atStart(prediction.metric, chain, 60);
      assert.deepEqual(prediction.unmet(plan), []);
      const { value, low, high } = prediction.expect(plan, 0, null)!;
      for (const [layer, expected] of value.entries()) {
        if (Number.isNaN(expected)) continue;
        const own = rows.map((row) => log(row[layer]!)).filter(Number.isFinite); // a dead layer has no logarithm
        const sigma = (log(high![layer]!) - log(low![layer]!)) / 4;
        // ±4 standard errors of 60 independent draws
        assert.ok(
          Math.abs(mean(own) - log(expected)) <= (4 * sigma) / Math.sqrt(60) + 1e-9,
          `${prediction.card.name} layer ${layer}: ${mean(own)}, ${log(expected)}`,
        );
        if (sigma < 0.1) continue;
        const spread = Math.sqrt(mean(own.map((each) => (each - mean(own)) ** 2)));
        assert.ok(spread > 0.6 * sigma && spread < 1.5 * sigma, `${prediction.card.name} layer ${layer}: spread ${spread}, ${sigma}`);
      }
    }
  });

test('residualDisplacement: root mean squares of 40 residual networks', () => {
  const changes = {
    network: { kind: 'resnet', branch: 'res3', depth: 8, width: 24, beta: 0.5 },
    metrics: { probeSize: 8 },
    activation: 'relu',
    init: { kind: 'lecun', distribution: 'uniform' },
    dataset,
  };
  const { rows, plan } = atStart('displacement', changes, 40);
  assert.deepEqual(predictions.residualDisplacement.unmet(plan), []);
  const { value } = predictions.residualDisplacement.expect(plan, 0, null)!;
  assert.equal(value.filter((each) => !Number.isNaN(each)).length, 8);
  for (const [layer, expected] of value.entries())
    if (!Number.isNaN(expected)) {
      const root = Math.sqrt(mean(rows.map((row) => row[layer]! ** 2)));
      assert.ok(Math.abs(root / expected - 1) < 0.12, `layer ${layer}: ${root}, ${expected}`);
    }
});

test('sampleVarianceMap and batchNormExplosion: wide chains', () => {
  const network = { kind: 'mlpChain', depth: 5, width: 200 };
  const plain = atStart('sampleVarianceFraction', { network, activation: 'relu', init: 'he', dataset }, 1);
  const map = predictions.sampleVarianceMap.expect(plain.plan, 0, null)!.value;
  // deviations of a single network are of order 1/√width, and add up
  for (const layer of [1, 2, 3, 4])
    assert.ok(Math.abs(plain.rows[0]![layer]! - map[layer]!) < 0.09, `layer ${layer}: ${plain.rows[0]![layer]}, ${map[layer]}`);
  const logs = [1, 2, 3].map((seed) => {
    const steps = openSteps(
      parseSpec({
        network: { kind: 'mlpChain', depth: 8, width: 100, normalization: 'batchNorm' },
        activation: 'relu',
        init: 'he',
        dataset,
        batchSize: 300,
        seed,
        runtime: { precision: 'float64' },
      }),
    );
    const row = Array.from(steps.step().metrics.gradNorm!);
    assert.deepEqual(predictions.batchNormExplosion.unmet(steps.plan), []);
    const { value } = predictions.batchNormExplosion.expect(steps.plan, 0, row)!;
    assert.ok(Number.isNaN(value[0]) && Number.isNaN(value[8]));
    return row.map((measured, layer) => Math.log(measured / value[layer]!));
  });
  // a wrong factor would tilt the residuals: 4% a layer over six layers are 0.24 between the ends
  for (let layer = 1; layer < 8; layer++)
    assert.ok(Math.abs(mean(logs.map((row) => row[layer]!))) < 0.12, `layer ${layer}: ${logs.map((row) => row[layer])}`);
});

test('dropout is named wherever it comes from, and not where its share is 0', () => {
  const words = 'needs a run without dropout';
  const says = (regularizer: unknown) => predictions.depthLaw.unmet(planned({ ...chains[0]!, regularizer })).includes(words);
  assert.deepEqual(['dropout', { kind: 'l2', dropout: 0.5 }, { kind: 'dropout', rate: 0 }, 'none', 'l2'].map(says), [
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('depthSize and flatGradient start from what is measured and keep to their layers', () => {
  const plan = planned(chains[0]!);
  const start = Array.from({ length: 11 }, (_, i) => 2 + i);
  const size = predictions.depthSize.expect(plan, 0, start)!;
  assert.equal(size.value[0], 2);
  assert.ok(size.value[9]! < 2 && size.high![9]! > 2 && Number.isNaN(size.value[10]));
  const flat = predictions.flatGradient.expect(plan, 0, start)!;
  assert.ok(Math.abs(flat.value[4]! - Math.exp(mean(start.slice(1, 10).map(Math.log)))) < 1e-12);
  assert.equal(predictions.flatGradient.expect(plan, 0, new Array<number>(11).fill(0)), null);
});

test('rescaledNorm is where weight rescaling puts the kernels, per filter and per layer', () => {
  for (const regularizer of [{ kind: 'weightRescaling' }, { kind: 'weightRescaling', scope: 'layer', target: 'value', targetValue: 3 }]) {
    const steps = openSteps(
      parseSpec({
        network: { kind: 'mlpChain', depth: 2, width: 6, normalization: 'batchNorm' },
        regularizer,
        runtime: { precision: 'float64' },
        dataset: { kind: 'gaussianMixture', train: 64, heldOut: 8 },
      }),
    );
    steps.step();
    const { weightNorm } = steps.step().metrics;
    const { value } = predictions.rescaledNorm.expect(steps.plan, 1, null)!;
    assert.ok(Number.isNaN(value[2]));
    for (const layer of [0, 1])
      assert.ok(Math.abs(weightNorm![layer]! / value[layer]! - 1) < 1e-9, `${weightNorm![layer]}, ${value[layer]}`);
  }
});

for (const optimizer of [
  { kind: 'sgd', learningRate: 0.05 },
  { kind: 'momentum', learningRate: 0.02, momentum: 0.8 },
])
  test(`noiseDecay under ${optimizer.kind}: the part outside the span after 25 steps, to 1e-9`, () => {
    const spec = parseSpec({
      network: { kind: 'mlpChain', depth: 1, width: 5, bias: false },
      optimizer,
      regularizer: { kind: 'l2', coefficient: 0.1 },
      dataset: { kind: 'lowRank', rank: 4, inputs: 12, train: 60, heldOut: 10 },
      batchSize: 20,
      runtime: { precision: 'float64' },
    });
    const opened = open(spec);
    const start = measured(opened, opened.initial).metrics.weightNoiseNorm!;
    const steps = openSteps(spec);
    let weights = steps.step().next;
    for (let t = 1; t < 25; t++) weights = steps.step().next;
    const after = measured(opened, weights).metrics.weightNoiseNorm!;
    assert.deepEqual(predictions.noiseDecay.unmet(opened.plan), []);
    const [expected] = predictions.noiseDecay.expect(opened.plan, 25, Array.from(start))!.value;
    assert.ok(expected! < 0.95 * start[0]! && Math.abs(after[0]! / expected! - 1) < 1e-9, `${after[0]}, ${expected}`);
  });

test('stabilityBound follows optimizer and schedule; equilibriumAngle, chanceLoss and initialKurtosis are their formulas', () => {
  const bound = (changes: Record<string, unknown>, step = 0) => predictions.stabilityBound.expect(planned(changes), step, null)!.value[0]!;
  assert.equal(bound({ optimizer: { kind: 'gradientDescent', learningRate: 0.1 } }), 20);
  assert.ok(Math.abs(bound({ optimizer: { kind: 'momentum', learningRate: 0.1, momentum: 0.9 } }) - 38) < 1e-9);
  const decaying = { optimizer: { kind: 'sgd', learningRate: 0.1 }, schedule: 'cosine', steps: 100 };
  assert.ok(bound(decaying, 90) > 5 * bound(decaying, 0));
  const decayed = planned({
    network: { normalization: 'batchNorm', depth: 2 },
    optimizer: { kind: 'momentum', learningRate: 0.1, momentum: 0.9 },
    regularizer: { kind: 'l2', coefficient: 0.005 },
  });
  const angles = predictions.equilibriumAngle.expect(decayed, 9, null)!.value;
  assert.ok(Math.abs(angles[0]! - 0.022942) < 1e-6 && Number.isNaN(angles[2]));
  assert.equal(
    predictions.chanceLoss.expect(planned({ dataset: { kind: 'gaussianMixture', classes: 4 } }), 0, null)!.value[0],
    Math.log(4),
  );
  assert.equal(predictions.initialKurtosis.expect(planned({ init: { kind: 'glorot', distribution: 'uniform' } }), 0, null)!.value[3], 1.8);
});

test('clipping by value leaves the span of the inputs, clipping by the norm does not; weights with a mean have another kurtosis', () => {
  const chain = { network: { kind: 'mlpChain' }, optimizer: 'sgd' };
  assert.deepEqual(predictions.noiseDecay.unmet(planned({ ...chain, clipping: 'globalNorm' })), []);
  assert.match(predictions.noiseDecay.unmet(planned({ ...chain, clipping: 'value' })).join(), /clipping by value/);
  assert.deepEqual(predictions.initialKurtosis.unmet(planned({ ...chain, init: 'he' })), []);
  const shifted = { ...chain, init: 'he', parameterization: 'ipNonCentred' };
  assert.match(predictions.initialKurtosis.unmet(planned(shifted)).join(), /mean 0, those of ipNonCentred have 1/);
});

test('initialKurtosis: filters of d normal weights brought to one norm have 3d/(d + 2), within five standard errors of drawn kernels', () => {
  const network = { kind: 'mlpChain', depth: 3, width: 5, normalization: 'batchNorm' };
  const spec = (changes: object = {}, init: object = { kind: 'he', distribution: 'normal' }) => ({
    network,
    init,
    dataset: { kind: 'gaussianMixture', inputs: 2 },
    regularizer: { kind: 'weightRescaling', ...changes },
  });
  const expected = (given: Record<string, unknown>) => {
    const plan = planned(given);
    return predictions.initialKurtosis.expect(plan, 0, null)!.value;
  };
  for (const init of [{ kind: 'he', distribution: 'normal' }, { kind: 'rademacher' }]) {
    const value = expected(spec({}, init));
    const drawn = Array.from({ length: 1_000 }, (_, seed) => {
      const plan = planned({ ...spec({}, init), seed });
      return weightsMoment(plan, initialWeights(plan), initialWeights(plan)).layers.map(({ kernel }) => kernel.values);
    });
    value.slice(0, 3).forEach((kurtosis, layer) => {
      const each = drawn.map((kernels) => {
        const kernel = kernels[layer]!;
        return (kernel.reduce((sum, w) => sum + w ** 4, 0) * kernel.length) / kernel.reduce((sum, w) => sum + w ** 2, 0) ** 2;
      });
      const average = each.reduce((sum, x) => sum + x, 0) / each.length;
      const error = Math.sqrt(each.reduce((sum, x) => sum + (x - average) ** 2, 0)) / each.length;
      assert.ok(Math.abs(average - kurtosis) <= 5 * error + 1e-6, `${init.kind}, layer ${layer}: ${average} ± ${error}, not ${kurtosis}`);
    });
  }
  assert.deepEqual([...expected(spec())], [3 / 2, 15 / 7, 15 / 7, 3]); // the readout is not rescaled
  for (const changes of [{ scope: 'layer' }, { applyAtInit: false }, { target: 'init' }])
    assert.deepEqual([...expected(spec(changes))], [3, 3, 3, 3], JSON.stringify(changes));
  assert.deepEqual([...expected(spec({}, { kind: 'he', distribution: 'uniform' }))], [NaN, NaN, NaN, 1.8]);
});

test('where an assumption is not met it is named, and rows have the width of their metric', () => {
  const elsewhere = planned({
    network: { kind: 'resnet' },
    activation: 'tanh',
    init: 'orthogonal',
    optimizer: 'adam',
    parameterization: 'muP',
    regularizer: 'none',
    loss: 'hinge',
  });
  for (const prediction of all) {
    const words = prediction.unmet(elsewhere);
    assert.ok(words.length > 0 && words.every((word) => /^needs .*/.test(word)), `${prediction.card.name}: ${words.join('; ')}`);
  }
  assert.match(
    predictions.depthLaw.unmet(elsewhere).join('; '),
    /needs an MLP chain, the network is resnet; .*needs the activation relu, the run has tanh/,
  );
  for (const prediction of all) assert.ok(prediction.metric in entryNames && prediction.symbol.length > 0, prediction.card.name);
});
const entryNames = Object.fromEntries(
  [
    'activationGrowth',
    'activationNorm',
    'deltaRatio',
    'gradNorm',
    'gramSmallest',
    'displacement',
    'sampleVarianceFraction',
    'hessianTop',
    'weightAngle',
    'weightNorm',
    'weightNoiseNorm',
    'loss',
    'weightKurtosis',
  ].map((name) => [entry('metric', name).card.name, true]),
);
