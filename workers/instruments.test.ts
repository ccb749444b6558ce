/** @file The host instruments inside a run: when they measure, and what a float32 runtime gives them beside the float64 reference. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { entry } from '#core/catalog.ts';
import { openOnnx } from './runtimes/onnx.ts';
import { tinySpec, trainTold } from './train.fixture.ts';

const every = { evaluationEvery: 100, weights: 3, samples: 4, gram: 5, probeSize: 16 };

test('each instrument measures at its own steps, and only where it is wanted', async () => {
  const { rows, facts } = await trainTold(tinySpec({ steps: 9, metrics: every }));
  assert.deepEqual(
    rows.get('spectralNorm')!.map(([step]) => step),
    [0, 3, 6, 9],
  );
  assert.deepEqual(
    rows.get('sampleCorrelation')!.map(([step]) => step),
    [0, 4, 8],
  );
  assert.deepEqual(
    rows.get('gramTrace')!.map(([step]) => step),
    [0, 5],
  );
  assert.equal(rows.get('gramDrift')![0]![1][0], 0);
  assert.ok(rows.get('gramDrift')![1]![1][0]! > 0);
  for (const { name, width } of facts.metrics!) for (const [, row] of rows.get(name) ?? []) assert.equal(row.length, width, name);
  const none = await trainTold(tinySpec({ steps: 3, metrics: { ...every, weights: 'never', samples: 'never', gram: 'never' } }));
  assert.ok(!none.rows.has('spectralNorm') && !none.rows.has('sampleCorrelation'));
  assert.ok(none.facts.metrics!.every(({ name }) => ['step', 'pass'].includes(entry('metric', name).cost)));
});

test('the ranks of updates look back at the last measurement, also behind a checkpoint', async () => {
  const spec = tinySpec({ steps: 6, checkpointEvery: 2, batchSize: 40, metrics: { ...every, weights: 1 } });
  const told = await trainTold(spec);
  const row = (rows: typeof told.rows, metric: string, step: number) => rows.get(metric)!.find(([at]) => at === step)![1];
  assert.ok(row(told.rows, 'updateSpectralNorm', 0).every(Number.isNaN));
  const norms = row(told.rows, 'updateNorm', 2); // of the step from 2 to 3
  row(told.rows, 'updateStableRank', 3).forEach((rank, layer) => {
    const sigma = row(told.rows, 'updateSpectralNorm', 3)[layer]!;
    assert.ok(Math.abs(rank - (norms[layer]! / sigma) ** 2) < 1e-6 * rank, `layer ${layer}: ${rank}`);
  });
  const resumed = await trainTold(spec, { resume: told.checkpoints.get(4)! });
  assert.deepEqual(row(resumed.rows, 'updateEffectiveRank', 4), row(told.rows, 'updateEffectiveRank', 4));
});

test('with auto the first step is measured, and the rest as the share allows', async () => {
  const { rows } = await trainTold(tinySpec({ steps: 40, metrics: { ...every, weights: 'auto', samples: 'auto', share: 0 } }));
  assert.deepEqual(
    rows.get('spectralNorm')!.map(([step]) => step),
    [0],
  );
  assert.deepEqual(
    rows.get('deltaNorm')!.map(([step]) => step),
    [0],
  );
});

test('in float32 on ONNX every host metric of the initialization is within 500 roundings of the float64 reference', async () => {
  for (const network of [
    { kind: 'mlpChain', depth: 3, width: 6 },
    { kind: 'mlpChain', depth: 2, width: 5, normalization: 'batchNorm' },
    { kind: 'resnet', depth: 2, width: 5 },
  ]) {
    const spec = (runtime: object) => tinySpec({ network, steps: 1, metrics: { ...every, weights: 1, samples: 1, gram: 1 }, runtime });
    const exact = await trainTold(spec({ name: 'reference', precision: 'float64' }));
    const rounded = await trainTold(spec({ name: 'onnx', precision: 'float32' }), { open: () => openOnnx({ threads: 1 }) });
    for (const [name, rows] of exact.rows) {
      const { cost } = entry('metric', name);
      if (!['weights', 'samples', 'gram'].includes(cost) || name === 'gradTailIndex') continue; // the tail index divides by a difference of logarithms
      const [slow, fast] = [rows[0]![1], rounded.rows.get(name)![0]![1]];
      const scale = Math.max(1, ...slow.filter(Number.isFinite).map(Math.abs));
      slow.forEach((value, i) =>
        assert.ok(
          Object.is(value, fast[i]) || Math.abs(value - fast[i]!) <= 500 * 2 ** -24 * scale,
          `${network.kind} ${name}: ${fast[i]}, not ${value}`,
        ),
      );
    }
  }
});
