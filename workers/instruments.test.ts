/** @file The host instruments inside a run: when they measure, and what a float32 runtime gives them beside the float64 reference. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { entry } from '#core/catalog.ts';
import type { Node, Values } from '#core/graph/node.ts';
import { rounded } from '#core/graph/rounding.fixture.ts';
import { simplifyProgram } from '#core/graph/simplify.ts';
import { needsStatistics } from '#core/programs/evaluation.ts';
import { typed } from '#core/programs/plan.ts';
import { samplesProgram } from '#core/programs/samples.ts';
import { openOnnx } from './runtimes/onnx.ts';
import { prepareRun } from './session.ts';
import { dataOf, tinySpec, trainTold } from './train.fixture.ts';

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

test('of the instruments only the metrics that are named are made; one without any does not measure', async () => {
  const host = ['spectralNorm', 'gramTrace'];
  const { rows, facts } = await trainTold(tinySpec({ steps: 3, metrics: { ...every, host } }));
  const made = facts.metrics!.map(({ name }) => name).filter((name) => ['weights', 'samples', 'gram'].includes(entry('metric', name).cost));
  assert.deepEqual(made.toSorted(), host.toSorted());
  const { rows: all } = await trainTold(tinySpec({ steps: 3, metrics: every }));
  for (const name of host) assert.deepEqual(rows.get(name), all.get(name), name);
  assert.ok(!rows.has('stableRank') && !rows.has('sampleCorrelation'));
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

test('in float32 on ONNX every number that metrics are made of lies within its derived rounding error of the exact one', async () => {
  const runtime = await openOnnx({ threads: 1 });
  for (const network of [
    { kind: 'mlpChain', depth: 3, width: 6 },
    { kind: 'mlpChain', depth: 2, width: 5, normalization: 'batchNorm' },
    { kind: 'mlpChain', depth: 2, width: 5, normalization: 'layerNorm' },
    { kind: 'resnet', depth: 2, width: 5, gate: true },
    { kind: 'twoLayer', width: 6 },
    { kind: 'icChain', depth: 2, width: 5, rate: 0 },
    // not the Nyström layer: its Newton iteration corrects its own roundings, which a bound carried forward does not see
    { kind: 'vgg', stages: 2, channels: 2, pooling: 'max' },
    { kind: 'convolutionalResnet', stages: 1, channels: 2, normalization: 'none' },
  ]) {
    const images = /vgg|conv/.test(network.kind);
    const glyphs = { kind: 'glyphs', size: 12, train: 40, heldOut: 20 };
    const prepared = (precision: string) => {
      const spec = tinySpec({ network, ...(images ? { dataset: glyphs } : {}), runtime: { name: 'onnx', precision } });
      return prepareRun(spec, dataOf(spec));
    };
    const [exact, single] = [prepared('float64'), prepared('float32')];
    const { plan, data } = single;
    const statistics = needsStatistics(plan) ? 20 : 0;
    const picked = (from: number, to: number) =>
      Float64Array.from(data.train.inputs.subarray(data.train.inputSize * from, data.train.inputSize * to));
    const feeds: Record<string, Values> = {
      ...Object.fromEntries(exact.initial),
      ...Object.fromEntries([...Object.entries(exact.state), ...Object.entries(exact.held)].map(([name, { values }]) => [name, values])),
      ...exact.rows(0, 1),
      probeInputs: picked(20, 36),
      statistics: picked(0, statistics),
      probeTargets: data.train.labels!.slice(20, 36),
      seed: Float64Array.from({ length: plan.data.outputs }, (_, k) => Number(k === 1)),
    };
    const programs = {
      'the step': single.training.program,
      samples: samplesProgram(plan, 16, statistics, 'loss').program,
      kernels: samplesProgram(plan, 16, statistics, 'outputs').program,
    };
    for (const [name, original] of Object.entries(programs)) {
      const program = simplifyProgram(original); // what the runtime computes
      const [{ value, bound }] = rounded([program.records[0]!.value], feeds) as [ReturnType<typeof rounded>[number]];
      const upload = async (of: readonly { name: string; input: Node }[]) =>
        Object.fromEntries(
          await Promise.all(
            of.map(async ({ name: key, input }) => [key, await runtime.upload(typed(feeds[key]!, input.dtype), input.shape)] as const),
          ),
        );
      const executable = await runtime.compile(original);
      const { records } = await executable.run({
        state: await upload(original.state),
        held: await upload(original.held),
        rows: Object.fromEntries(original.rows.map(({ name: key, input }) => [key, typed(feeds[key]!, input.dtype)])),
        steps: 1,
      });
      await executable.close();
      const found = records[original.records[0]!.name]!;
      let worst = 0;
      const shares: number[] = [];
      found.forEach((x, i) => {
        const error = Math.abs(x - value[i]!);
        assert.ok(
          error <= bound[i]! + 1e-37,
          `${network.kind}, ${name}[${i}]: ${x}, not ${value[i]}: off by ${error}, allowed ${bound[i]}`,
        );
        worst = Math.max(worst, error / Math.max(bound[i]!, 1e-37));
        if (value[i] !== 0) shares.push(bound[i]! / Math.abs(value[i]!));
      });
      assert.ok(worst > 1e-3, `${network.kind}, ${name}: a bound ${1 / worst} times too wide proves nothing`);
      const middle = shares.sort((a, b) => a - b)[shares.length >> 1]!;
      assert.ok(middle < 1e-2, `${network.kind}, ${name}: bounds of ${middle} of the value prove nothing`);
    }
  }
  await runtime.close();
});
