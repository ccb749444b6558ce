/** @file Training in a child: rows of every metric, repeated bytes, pauses and refusals. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { catalog } from '#core/catalog.ts';
import { hashSpec } from '#core/spec.ts';
import { decodeCheckpoint } from './checkpoint.ts';
import { openOnnx } from './runtimes/onnx.ts';
import { openTensorflow } from './runtimes/tensorflow.ts';
import { tinySpec, trainTold } from './train.fixture.ts';

const curvature = { enabled: true, every: 4, batchSize: 16, topK: 2 };

test('a run tells every step metric of every step, evaluations and pinned curvature at their steps, and finishes', async () => {
  const { outcome, rows, facts } = await trainTold(tinySpec({ curvature }));
  assert.deepEqual(outcome, { status: 'finished', reason: 'all 12 steps done', step: 12 });
  const steps = (metric: string) => rows.get(metric)!.map(([step]) => step);
  assert.deepEqual(steps('loss'), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  assert.deepEqual(steps('heldOutLoss'), [0, 5, 10, 12]);
  assert.deepEqual(steps('hessianTop'), [0, 4, 8, 12]);
  const said = new Map(facts.metrics!.map(({ name, width }) => [name, width]));
  assert.deepEqual([...said.keys()].sort(), [...rows.keys()].sort());
  for (const [metric, all] of rows) for (const [step, row] of all) assert.equal(row.length, said.get(metric), `${metric} at step ${step}`);
  assert.equal(facts.parameters, 5 * 4 + 4 + 4 * 4 + 4 + 4 * 3 + 3);
  assert.equal(facts.finals!.loss, rows.get('loss')!.at(-1)![1][0]);
  assert.ok(facts.curvatureShare! > 0 && facts.curvatureShare! < 1);
});

for (const [runtime, open] of [
  ['reference', undefined],
  ['onnx', openOnnx],
  ['tensorflow', () => openTensorflow({ device: 'wasm' })],
] as const)
  test(`${runtime}: rows at multiples of metrics.every are those of a run that keeps them all, as are the weights`, async () => {
    const told = async (every: number) => {
      const spec = tinySpec({
        metrics: { every, evaluationEvery: 100, weights: 'never', samples: 'never' },
        runtime: { name: runtime, precision: runtime === 'tensorflow' ? 'float32' : 'float64' },
      });
      const { rows, checkpoints } = await trainTold(spec, open ? { open } : {});
      const hash = await hashSpec(spec);
      return { rows, weights: [...checkpoints].map(([step, bytes]) => [step, decodeCheckpoint(bytes, hash).tensors]) };
    };
    const [some, all] = [await told(5), await told(1)];
    assert.ok(some.rows.has('gradNorm') && some.rows.size === all.rows.size);
    for (const [metric, rows] of all.rows)
      assert.deepEqual(
        some.rows.get(metric),
        rows.filter(([step]) => step % 5 === 0 || catalog.metric[metric]!.cost !== 'step'),
        metric,
      );
    assert.deepEqual(some.weights, all.weights);
  });

test('the same spec gives the same rows and checkpoints, to the bit', async () => {
  const [a, b] = [await trainTold(tinySpec({ curvature })), await trainTold(tinySpec({ curvature }))];
  assert.deepEqual(a.rows, b.rows);
  assert.deepEqual(a.checkpoints, b.checkpoints);
  assert.notDeepEqual((await trainTold(tinySpec({ curvature, seed: 2 }))).rows, a.rows);
});

const network = { kind: 'mlpChain', depth: 2, width: 4, normalization: 'batchNorm' };
const regularizer = { kind: 'weightRescaling', target: 'init', every: 3 };
const resumable: Record<string, object> = {
  sgd: { network, regularizer, curvature, optimizer: 'sgd' },
  momentum: { network, regularizer, curvature, optimizer: 'momentum' },
  adam: { network, regularizer, curvature, optimizer: 'adam' },
  novoGrad: { network, regularizer, optimizer: 'novoGrad' },
  'SGLD with dropout': { optimizer: 'sgld', regularizer: { kind: 'dropout', rate: 0.3 }, clipping: { kind: 'value', threshold: 0.1 } },
  'stochastic depth': {
    network: { kind: 'resnet', depth: 2, width: 4, stochasticDepth: true, price: 0.1 },
    optimizer: 'momentum',
    curvature,
  },
  'K-FAC in the middle of a period': { optimizer: { kind: 'kfac', every: 3 }, curvature },
  'Gauss-Newton': { optimizer: 'gaussNewton', loss: 'meanSquaredError' },
};
for (const [title, changes] of Object.entries(resumable))
  test(`${title}: paused anywhere and resumed, or taken up from an older checkpoint, a run tells what an unbroken one does`, async () => {
    for (const precision of ['float64', 'float32']) {
      const spec = tinySpec({ ...changes, schedule: 'cosine', runtime: { name: 'reference', precision } });
      const whole = await trainTold(spec);
      const paused = await trainTold(spec, { desired: (steps) => (steps >= 5 ? 'pause' : 'run') });
      assert.equal(paused.outcome.status, 'paused');
      const at = paused.outcome.step;
      assert.ok(at >= 5 && at < 12);
      for (const [from, told] of [
        [at, paused],
        [4, whole],
        [8, whole],
      ] as const) {
        const resumed = await trainTold(spec, { resume: told.checkpoints.get(from)! });
        assert.equal(resumed.outcome.status, 'finished');
        for (const [metric, rows] of whole.rows)
          assert.deepEqual(
            resumed.rows.get(metric),
            rows.filter(([step]) => step >= from),
            `${metric} from ${from}`,
          );
      }
    }
  });

test('a checkpoint of another spec, or a cut one, is refused with the reason', async () => {
  const { checkpoints } = await trainTold(tinySpec());
  const bytes = checkpoints.get(4)!;
  await assert.rejects(trainTold(tinySpec({ seed: 9 }), { resume: bytes }), /belongs to the spec/);
  await assert.rejects(trainTold(tinySpec(), { resume: bytes.subarray(0, bytes.length - 8) }), /cut or changed/);
});

test('stopped at a call boundary', async () => {
  const { outcome, rows } = await trainTold(tinySpec({ steps: 10_000 }), { desired: (steps) => (steps >= 3 ? 'stop' : 'run') });
  assert.equal(outcome.status, 'stopped');
  assert.equal(rows.get('loss')!.length, outcome.step);
});

test('a learning rate of 1e30 diverges: the first loss that is not finite is kept, and where it began is named', async () => {
  const { outcome, rows, facts } = await trainTold(
    tinySpec({ activation: 'linear', loss: 'meanSquaredError', optimizer: { kind: 'sgd', learningRate: 1e30 }, steps: 500 }),
  );
  assert.equal(outcome.status, 'diverged');
  const losses = rows.get('loss')!.map(([, [loss]]) => loss!);
  assert.ok(!Number.isFinite(losses.at(-1)) && losses.slice(0, -1).every(Number.isFinite));
  assert.equal(rows.get('loss')!.at(-1)![0], outcome.step);
  assert.match(outcome.reason, /^the loss is (NaN|Infinity|-Infinity) at step \d+; first not finite: \w+ of \w+ at step \d+/);
  assert.match(String(facts.finals!.loss), /NaN|Infinity/);
});

for (const [runtime, open] of [
  ['reference', undefined],
  ['onnx', openOnnx],
] as const)
  test(`${runtime}: a divergence between kept rows is kept all the same, and where it was seen first`, async () => {
    const optimizer = { kind: 'sgd', learningRate: 1e30 };
    const { outcome, rows } = await trainTold(
      tinySpec({
        activation: 'linear',
        loss: 'meanSquaredError',
        optimizer,
        steps: 500,
        metrics: { every: 100, evaluationEvery: 500, weights: 'never', samples: 'never' },
      }),
      open ? { open } : {},
    );
    assert.equal(outcome.status, 'diverged');
    assert.match(outcome.reason, /first not finite: \w+ of \w+ at step \d+/);
    assert.deepEqual(
      rows.get('loss')!.map(([step]) => step),
      [0, outcome.step],
    );
  });

test('a learning rate of 0 finishes with the loss it began with on every batch', async () => {
  const { rows } = await trainTold(tinySpec({ optimizer: { kind: 'gradientDescent', learningRate: 0 } }));
  const losses = rows.get('loss')!.map(([, [loss]]) => loss);
  assert.ok(losses.every((loss) => loss === losses[0]));
});

test('measurements do not disturb the training: with and without curvature and evaluation, the same losses', async () => {
  const [bare, full] = [
    await trainTold(tinySpec({ metrics: { step: [], evaluationEvery: 1000, weights: 'never', samples: 'never' } })),
    await trainTold(tinySpec({ curvature })),
  ];
  assert.deepEqual(bare.rows.get('loss'), full.rows.get('loss'));
});

test('a batch larger than the training set is refused before anything is compiled', async () => {
  const spec = { ...tinySpec(), batchSize: 41 };
  await assert.rejects(trainTold(spec), /batchSize must be at most the 40 training examples, got 41/);
});

test('on ONNX in float64 a run tells what the reference tells, for every network, optimizer and regularizer', async () => {
  const networks = [
    { kind: 'mlpChain', depth: 2, width: 4 },
    { kind: 'mlpChain', depth: 2, width: 4, normalization: 'batchNorm' },
    { kind: 'mlpChain', depth: 2, width: 4, normalization: 'layerNorm' },
    { kind: 'resnet', depth: 2, width: 4, normalization: 'batchNorm' },
    { kind: 'resnet', depth: 2, width: 4, branch: 'res1' },
  ];
  const optimizers = ['gradientDescent', 'sgd', 'momentum', 'adam'];
  for (const [i, network] of networks.entries())
    for (const [j, optimizer] of optimizers.entries()) {
      const regularizer =
        network.normalization === 'batchNorm'
          ? { kind: 'weightRescaling', every: 2, momentum: 'project' }
          : (['none', 'l2', 'decoupledWeightDecay'][j % 3] ?? 'none');
      const activation = ['tanh', 'relu', 'gelu', 'erf', 'linear'][(i + j) % 5];
      const spec = tinySpec({ network, optimizer, regularizer, activation, curvature: { ...curvature, enabled: j === 1 } });
      const [slow, fast] = [await trainTold(spec), await trainTold(spec, { open: openOnnx })];
      assert.deepEqual([...fast.rows.keys()].sort(), [...slow.rows.keys()].sort());
      for (const [metric, rows] of slow.rows)
        rows.forEach(([step, row], r) =>
          row.forEach((value, layer) => {
            const other = fast.rows.get(metric)![r]![1][layer]!;
            const allowed = /Residual|Error/.test(metric) ? Infinity : metric === 'weightAngle' ? 1e-7 : 1e-8; // residuals are rounding noise
            assert.ok(
              Object.is(other, value) || Math.abs(other - value) <= allowed * Math.max(1, Math.abs(value)),
              `${network.kind} ${optimizer} ${metric} step ${step}: ${other}, not ${value}`,
            );
          }),
        );
    }
});

const openWasm = () => openTensorflow({ device: 'wasm' });

test('on ONNX in float64, and on TensorFlow.js, every optimizer trains as on the reference', async () => {
  for (const optimizer of Object.keys(catalog.optimizer)) {
    const changes = {
      network: { kind: 'mlpChain', depth: 4, width: 4 },
      optimizer: optimizer === 'kfac' ? { kind: 'kfac', every: 3, learningRate: 0.1 } : optimizer,
      loss: optimizer === 'gaussNewton' ? 'meanSquaredError' : 'softmaxCrossEntropy',
      regularizer: optimizer === 'gaussNewton' ? 'none' : { kind: 'dropout', rate: 0.25 },
      clipping: { kind: 'globalNorm', threshold: 0.5 },
    };
    const slow = await trainTold(tinySpec(changes));
    for (const [open, allowed] of [
      [openOnnx, 1e-8],
      [openWasm, 1e-2], // float32, where signs of tiny gradients may differ
    ] as const) {
      const runtime = { name: 'reference', precision: open === openOnnx ? 'float64' : 'float32' };
      const { rows } = await trainTold(tinySpec({ ...changes, runtime }), { open });
      for (const metric of ['loss', 'gradientGlobalNorm', 'weightNorm'])
        slow.rows.get(metric)!.forEach(([step, row], r) =>
          row.forEach((value, layer) => {
            const other = rows.get(metric)![r]![1][layer]!;
            assert.ok(
              Math.abs(other - value) <= allowed * Math.max(1, value),
              `${optimizer} ${metric} step ${step}: ${other}, not ${value}`,
            );
          }),
        );
    }
  }
});

test('on ONNX the same spec gives the same bytes, however often it is interrupted', async () => {
  const network = { kind: 'mlpChain', depth: 4, width: 16, normalization: 'batchNorm' };
  const spec = tinySpec({
    network,
    optimizer: 'adam',
    curvature,
    steps: 60,
    checkpointEvery: 20,
    runtime: { name: 'onnx', precision: 'float32' },
  });
  const [a, b] = [await trainTold(spec, { open: openOnnx }), await trainTold(spec, { open: openOnnx })];
  assert.deepEqual(a.rows, b.rows);
  assert.deepEqual(a.checkpoints, b.checkpoints);
  for (const pauseAt of [1, 7, 33]) {
    const paused = await trainTold(spec, { open: openOnnx, desired: (steps) => (steps >= pauseAt ? 'pause' : 'run') });
    const from = paused.outcome.step;
    const resumed = await trainTold(spec, { open: openOnnx, resume: paused.checkpoints.get(from)! });
    for (const [metric, rows] of a.rows)
      assert.deepEqual(
        resumed.rows.get(metric),
        rows.filter(([step]) => step >= from),
        `${metric} from ${from}`,
      );
  }
});

test('with stochastic depth every runtime draws the same blocks, also where steps are cut into other calls', async () => {
  const network = { kind: 'resnet', depth: 4, width: 4, stochasticDepth: true, survival: 0.5, price: 0.05 };
  const told = async (open: typeof openOnnx | undefined, precision: string) => {
    const spec = tinySpec({ network, steps: 30, runtime: { name: 'reference', precision } });
    const whole = await trainTold(spec, open ? { open } : {});
    const paused = await trainTold(spec, { ...(open ? { open } : {}), desired: (steps) => (steps >= 5 ? 'pause' : 'run') });
    const from = paused.outcome.step;
    const resumed = await trainTold(spec, { ...(open ? { open } : {}), resume: paused.checkpoints.get(from)! });
    for (const metric of ['gradNorm', 'survivalProbability'])
      assert.deepEqual(
        resumed.rows.get(metric),
        whole.rows.get(metric)!.filter(([step]) => step >= from),
        `${metric} from ${from}`,
      );
    // a block that is left out has no gradient
    return whole.rows.get('gradNorm')!.map(([, row]) => row.map((norm) => norm > 0));
  };
  const wanted = await told(undefined, 'float64');
  assert.ok(wanted.flat().includes(false));
  for (const [open, precision] of [
    [openOnnx, 'float64'],
    [openOnnx, 'float32'],
    [openWasm, 'float32'],
  ] as const)
    assert.deepEqual(await told(open, precision), wanted);
});

test('on ONNX in float32 weight rescaling holds the norms to 1e-6, and a rate of 1e30 diverges', async () => {
  const network = { kind: 'mlpChain', depth: 3, width: 16, normalization: 'batchNorm' };
  const runtime = { name: 'onnx', precision: 'float32' };
  const { rows } = await trainTold(tinySpec({ network, runtime, regularizer: { kind: 'weightRescaling', scope: 'layer' }, steps: 40 }), {
    open: openOnnx,
  });
  for (const [, row] of rows.get('weightNorm')!) for (const norm of row.slice(0, 3)) assert.ok(Math.abs(norm - 1) < 1e-6, String(norm));
  const wild = tinySpec({ activation: 'relu', runtime, optimizer: { kind: 'sgd', learningRate: 1e30 }, steps: 100 });
  assert.equal((await trainTold(wild, { open: openOnnx })).outcome.status, 'diverged');
});
