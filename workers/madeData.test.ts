/** @file What the made data are for, seen in training: the edge of stability on a Chebyshev polynomial, and what noise outside the span does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSpec } from '#core/spec.ts';
import { openOnnx } from './runtimes/onnx.ts';
import { trainTold } from './train.fixture.ts';

test('full-batch descent on a Chebyshev polynomial brings the sharpness to 2/η and keeps it there', async () => {
  const learningRate = 0.4;
  const spec = parseSpec({
    network: { kind: 'mlpChain', depth: 2, width: 20 },
    activation: 'tanh',
    init: 'frameworkDefault',
    optimizer: { kind: 'gradientDescent', learningRate },
    loss: 'meanSquaredError',
    dataset: 'chebyshev',
    batchSize: 20,
    steps: 5000,
    metrics: { step: ['loss'], evaluationEvery: 5000 },
    curvature: { every: 250, topK: 1, batchSize: 20, blocks: false, trace: false },
    runtime: { name: 'onnx', precision: 'float64' },
  });
  const { rows } = await trainTold(spec, { open: () => openOnnx() });
  const losses = rows.get('loss')!.map(([, [loss]]) => loss!);
  assert.ok(losses.at(-1)! < 0.01 * losses[0]!, `the loss ends at ${losses.at(-1)}`);
  const ratios = rows.get('hessianTop')!.map(([step, [top]]) => [step, (top! * learningRate) / 2] as const);
  assert.ok(ratios[0]![1] < 0.8, `it starts at ${ratios[0]![1]}, not below the edge`);
  const later = ratios
    .filter(([step]) => step >= 2500)
    .map(([, ratio]) => ratio)
    .sort((a, b) => a - b);
  const median = later[Math.floor(later.length / 2)]!;
  assert.ok(Math.abs(median - 1) < 0.05, `the median of λ η/2 over the second half is ${median}`);
});

test('noise outside the span costs accuracy where weights keep their initial values there, and none once decay removed them', async () => {
  const accuracy = async (regularizer: unknown, shift: number) => {
    const spec = parseSpec({
      network: { kind: 'mlpChain', depth: 2, width: 32, normalization: 'batchNorm' },
      optimizer: { kind: 'sgd', learningRate: 0.1 },
      regularizer,
      dataset: { kind: 'lowRank', labelNoise: 0.2, shift },
      batchSize: 100,
      steps: 1500,
      metrics: { step: ['loss'], every: 100, evaluationEvery: 1500 },
      curvature: { enabled: false },
      runtime: { name: 'onnx' },
    });
    const { rows } = await trainTold(spec, { open: () => openOnnx() });
    return rows.get('heldOutAccuracy')!.at(-1)![1][0]!;
  };
  const decay = { kind: 'l2', coefficient: 0.05 };
  const [clean, off, decayed] = [await accuracy('none', 0), await accuracy('none', 1), await accuracy(decay, 1)];
  assert.ok(decayed - off > 0.3, `with decay ${decayed}, without ${off}`);
  assert.ok(clean - off > 0.3, `inside the span ${clean}, with noise outside ${off}`);
});
