/** @file Cross-entropies keep their digits on every runtime, where examples are fitted too; training steps down to a loss of 1e-9. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { defaults } from '#core/catalog.ts';
import { createBuilder } from '#core/graph/builder.ts';
import { trials, unitsAllowed, unitsOff } from '#core/losses/digits.fixture.ts';
import { losses } from '#core/losses/index.ts';
import { run } from './agreement.fixture.ts';
import { openOnnx } from './onnx.ts';
import { openTensorflow } from './tensorflow.ts';

const [onnx, wasm] = [await openOnnx(), await openTensorflow({ device: 'wasm' })];
after(() => Promise.all([onnx, wasm].map((runtime) => runtime.close())));

const double = trials('float64');
const single = trials('float32');
for (const [runtime, precision, list] of [
  [onnx, 'float64', double],
  [onnx, 'float32', single],
  [wasm, 'float32', single],
] as const) {
  const [allowed, unit] = [unitsAllowed[precision], precision === 'float32' ? 2 ** -24 : 2 ** -53];
  for (const trial of list)
    test(`${runtime.name} ${precision}: ${trial.title}, to ${allowed} units`, async () => {
      const units = unitsOff(trial, await run(runtime, trial.g, trial.inputs, trial.outputs, trial.feeds), unit);
      assert.ok(
        units.every((off) => off <= allowed),
        units.join(', '),
      );
    });
}

for (const precision of ['float32', 'float64'] as const)
  test(`onnx ${precision}: a loss of 1e-9 in a training step has its digits, and larger ones are what they are`, async () => {
    const g = createBuilder(precision);
    const [z, count] = [g.input('z', [4, 2]), g.input('count', [])];
    const each = losses.softmaxCrossEntropy.each(
      g,
      g.mul(z, count),
      g.constant(Int32Array.of(0, 0, 0, 0)),
      defaults('loss', 'softmaxCrossEntropy'),
    );
    const compiled = await onnx.compile({
      title: 'fitted',
      g,
      state: [{ name: 'count', input: count, next: g.mul(count, 2) }],
      held: [{ name: 'z', input: z }],
      rows: [],
      records: [{ name: 'each', value: each }],
    });
    const typed = (values: number[]) => (precision === 'float32' ? Float32Array.from(values) : Float64Array.from(values));
    const state = { count: await onnx.upload(typed([1]), []) };
    const held = { z: await onnx.upload(typed([10.25, 0, 5, 0, 0, 0, -60, 0]), [4, 2]) };
    const { records } = await compiled.run({ state, held, rows: {}, steps: 2 });
    await compiled.close();
    const wanted = [10.25, 5, 0, -60, 20.5, 10, 0, -120].map((margin) => Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin))));
    wanted.forEach((value, i) =>
      assert.ok(Math.abs(records.each![i]! / value - 1) < (precision === 'float32' ? 4e-7 : 1e-14), `${records.each![i]}, not ${value}`),
    );
  });
