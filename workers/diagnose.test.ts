/** @file Diagnoses and predictions on real runs: each injected fault is found, healthy runs have none, measured norms lie where theory says. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Diagnosis } from '#core/define.ts';
import { conditions, injected } from '#core/diagnoses/injections.ts';
import { scores } from '#core/diagnoses/confusion.ts';
import { diagnoses } from '#core/diagnoses/index.ts';
import { overlaysOf } from '#core/overlay.ts';
import { rowAt } from '#core/results.ts';
import type { Spec } from '#core/spec.ts';
import { diagnoseCommand, examineAll } from './diagnose.ts';
import { trainClaim } from './trainClaim.ts';

const runtime = { name: 'onnx', device: 'cpu', threads: 1 };
const bare = { evaluationEvery: 1000, weights: 'never', samples: 'never' };

test('each injected fault is found, and nothing that theory does not call for', async () => {
  // the first spec of every condition with the metrics of its own diagnosis; two healthy ones with all
  const wanted = conditions.flatMap((condition) => {
    const own = Object.values<Diagnosis>(diagnoses).find(({ card }) => card.name === condition.name);
    const specs = injected(condition, [1], own?.metrics);
    return (own ? [specs[0]!] : [specs[1]!, specs[4]!]).map((spec) => ({ condition: condition.name, spec }));
  });
  const runs = await examineAll(wanted);
  for (const { condition, run, found } of runs.filter((each) => each.condition === 'healthy'))
    assert.deepEqual(found, [], `${condition}: ${run}`);
  const counted = scores(Object.keys(diagnoses), conditions, runs);
  assert.deepEqual(
    counted.map(({ name, injected: of, found, falseAlarms }) => [name, of, found, falseAlarms]),
    counted.map(({ name }) => [name, 1, 1, 0]),
    JSON.stringify(runs),
  );
});

test('a run that crashes is no healthy run: the matrix stops and says which', async () => {
  const spec = {
    ...injected(conditions[0]!, [1])[0]!,
    runtime: { name: 'tensorflow', device: 'cuda', precision: 'float32', threads: 'auto' },
  } as never;
  await assert.rejects(examineAll([{ condition: 'healthy', spec }]), /healthy, MLP chain, .*, seed 1 crashed/);
});

test('plateau diagnose: the cards of one spec, exit 1 where there is a fault, 2 where there is no spec', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'plateau-diagnose-'));
  const file = path.join(folder, 'spec.json');
  const said = async (...args: string[]) => {
    let [out, err] = ['', ''];
    const code = await diagnoseCommand(
      args,
      (text) => void (out += text),
      (text) => void (err += text),
    );
    return { code, out, err };
  };
  try {
    const network = { kind: 'mlpChain', depth: 10, width: 16 };
    writeFileSync(
      file,
      JSON.stringify({ network, activation: 'sigmoid', init: 'glorot', steps: 5, curvature: { enabled: false }, metrics: bare, runtime }),
    );
    const { code, out } = await said(file);
    assert.equal(code, 1);
    assert.match(
      out,
      /fault {2}Vanishing gradients: the gradient norm falls by 10\^\d\.\d from layer10 to layer2 \(step 0\)\n {7}in layer2.*\n {7}try: tanh/,
    );
    const { findings } = JSON.parse((await said(file, '--json')).out) as { findings: { name: string; numbers: { reaching: number } }[] };
    assert.ok(findings.find(({ name }) => name === 'vanishingGradients')!.numbers.reaching < 1e-2);
    writeFileSync(file, '{"steps": 0}');
    const bad = await said(file);
    assert.deepEqual([bad.code, /steps: must be an integer from 1/.test(bad.err)], [2, true]);
    assert.match((await said()).err, /takes one spec, got 0/);
    assert.match((await said('--matrix', '--condition', 'x')).err, /--condition must be one of healthy, /);
    assert.match((await said('--matrix', '--seeds', '0')).err, /--seeds must be an integer from 1 to 100, got "0"/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('what real runs measure lies where predictions say: 12 chains at their start, an equilibrium at its end', async () => {
  const chains = await trainClaim(
    Array.from({ length: 12 }, (_, seed) => ({
      network: { kind: 'mlpChain', depth: 6, width: 8 },
      dataset: { kind: 'gaussianMixture', classes: 4, inputs: 8, train: 128, heldOut: 16 },
      steps: 1,
      seed,
      metrics: { ...bare, step: ['activationNorm'] },
      curvature: { enabled: false },
      runtime: { name: 'reference', device: 'cpu' }, // a step of it costs less than a compilation
    })),
    ['activationNorm'],
  );
  const predicted = (metric: string, name: string, spec: Spec) => overlaysOf(metric, spec).find((each) => each.name === name)!;
  let [inside, all] = [0, 0];
  for (const { spec, series } of chains) {
    const row = rowAt(series('activationNorm'), 0)!;
    const { low, high } = predicted('activationNorm', 'depthSize', spec).expect(0, row)!;
    row.slice(1, -1).forEach((value, i) => {
      all++;
      if (value >= low![i + 1]! && value <= high![i + 1]!) inside++;
    });
  }
  // layers of one network go together: of 12 networks two may be outside along their whole depth
  assert.ok(all === 60 && inside >= 50, `${inside} of ${all}`);

  const [run] = await trainClaim(
    [
      {
        network: { kind: 'mlpChain', depth: 2, width: 32, normalization: 'batchNorm' },
        dataset: { kind: 'lowRank', labelNoise: 0.2, train: 512, heldOut: 16 },
        optimizer: { kind: 'sgd', learningRate: 0.1 },
        regularizer: { kind: 'l2', coefficient: 0.05 },
        steps: 1200,
        metrics: { ...bare, evaluationEvery: 100_000, step: ['weightAngle'] },
        curvature: { enabled: false },
        runtime,
      },
    ],
    ['weightAngle'],
  );
  const { steps, values, width } = run!.series('weightAngle');
  const last = Array.from({ length: 300 }, (_, i) => values[(steps.length - 1 - i) * width]!);
  const angle = last.reduce((sum, value) => sum + value, 0) / last.length;
  const [expected] = predicted('weightAngle', 'equilibriumAngle', run!.spec).expect(1199, null)!.value;
  assert.ok(Math.abs(angle / expected! - 1) < 0.05, `${angle} against ${expected}`);
});
