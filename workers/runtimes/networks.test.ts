/** @file Every network family trains alike on every runtime: five steps with all metrics, and an exact Hessian-vector product. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { entry } from '#core/catalog.ts';
import { difference } from '#core/graph/testing.ts';
import type { Runtime } from '#core/graph/program.ts';
import { families, familySpec } from '#core/networks/families.fixture.ts';
import { curvatureObjective } from '#core/programs/curvature.ts';
import { dimension, hessianProduct } from '#core/programs/lanczos.ts';
import { rng } from '#core/rng.ts';
import { openProducts } from '../curvatureProducts.ts';
import { prepareRun } from '../session.ts';
import { openOnnx } from './onnx.ts';
import { openReference } from './reference.ts';
import { openTensorflow } from './tensorflow.ts';

const reference = openReference();
const onnx = await openOnnx();
const wasm = await openTensorflow({ device: 'wasm' });
after(() => Promise.all([reference, onnx, wasm].map((runtime) => runtime.close())));

/** Records of five steps, and Hz for one probe z. */
async function walked(runtime: Runtime, network: object, dataset: object, precision: 'float32' | 'float64') {
  const spec = familySpec(network, dataset, { runtime: { precision } });
  const data = entry('dataset', spec.dataset.kind).generate!(rng(1, 'data'), spec.dataset);
  const run = prepareRun(spec, data);
  const upload = async (tensors: typeof run.state) => {
    const pairs = Object.entries(tensors).map(async ([name, { values, shape }]) => [name, await runtime.upload(values, shape)] as const);
    return Object.fromEntries(await Promise.all(pairs));
  };
  const training = await runtime.compile(run.training.program);
  const { records } = await training.run({ state: await upload(run.state), held: await upload(run.held), rows: run.rows(0, 5), steps: 5 });
  await training.close();
  const rows = 12;
  const objective = curvatureObjective(run.plan, rows);
  const products = await openProducts({ runtime, objective, held: {}, seed: 1 }, hessianProduct);
  const Floats = precision === 'float64' ? Float64Array : Float32Array;
  const random = rng(4, 'test');
  const probe = new Floats(dimension(objective)).map(() => random.rademacher());
  const held = {
    ...(await upload(run.state)),
    curvatureInputs: await runtime.upload(Floats.from(data.train.inputs.subarray(0, rows * data.train.inputSize)), [
      rows,
      data.train.inputSize,
    ]),
    curvatureTargets: await runtime.upload(data.train.labels!.slice(0, rows), [rows]),
  };
  const image = new Floats(probe.length);
  const named = [...objective.parameters, ...objective.held].map(({ name }) => [name, held[name as keyof typeof held]!] as const);
  const at = await products.at(Object.fromEntries(named));
  await at.product(probe, image);
  at.release();
  await products.close();
  return { records: records.record!, image };
}

for (const [title, network, dataset] of families)
  test(`${title}: ONNX in both precisions and TensorFlow.js agree with the reference`, async () => {
    const exact = await walked(reference, network, dataset, 'float64');
    // float32: five steps and a few dozen products per value, each 6e-8 off
    for (const [name, runtime, precision, tolerance] of [
      ['onnx float64', onnx, 'float64', 1e-10],
      ['onnx float32', onnx, 'float32', 2e-4],
      ['wasm float32', wasm, 'float32', 2e-4],
    ] as const) {
      const got = await walked(runtime, network, dataset, precision);
      assert.equal(difference(got.records, exact.records, tolerance), null, `${name}, records`);
      assert.equal(difference(got.image, exact.image, tolerance), null, `${name}, products`);
    }
  });
