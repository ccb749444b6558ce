/** @file The curvature instrument on a small network against its dense Hessian: ends, residuals, blocks, trace, and repeated bytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { block, dense, eigenvalues, open, row, spectrum, values } from './curvature.fixture.ts';
import { openOnnx } from './runtimes/onnx.ts';
import { openReference } from './runtimes/reference.ts';

const all = { instruments: { blocks: true, trace: true } };

for (const [name, openRuntime, precision, tolerance] of [
  ['reference', async () => openReference(), 'float64', 1e-9],
  ['onnx float64', () => openOnnx(), 'float64', 1e-9],
  ['onnx float32', () => openOnnx(), 'float32', 2e-5],
] as const)
  test(`${name}: both signed ends and every block's top lie within their residuals of the dense Hessian's`, async () => {
    const runtime = await openRuntime();
    const { instrument, parameters } = await open(runtime, precision, all);
    assert.ok(spectrum.at(-1)! < 0, 'this Hessian has both signs');
    const rows = await instrument.measure(0, parameters);
    const near = (value: number, residual: number, candidates: number[]) =>
      Math.min(...candidates.map((x) => Math.abs(x - value))) <= residual + tolerance;
    const [top, residual] = [row(rows, 'hessianTop'), row(rows, 'hessianTopResidual')];
    top.forEach((value, i) => assert.ok(near(value, residual[i]!, spectrum), `λ${i + 1} = ${value} ± ${residual[i]}`));
    assert.ok(Math.abs(top[0]! - spectrum[0]!) < 0.01 * spectrum[0]!, `${top[0]} against ${spectrum[0]}`);
    assert.ok(near(row(rows, 'hessianBottom')[0]!, row(rows, 'hessianBottomResidual')[0]!, spectrum));
    [block(0, 16), block(16, 32), block(32, 44)].map(eigenvalues).forEach((of, layer) => {
      const [value, error] = [row(rows, 'blockTop')[layer]!, row(rows, 'blockTopResidual')[layer]!];
      assert.ok(near(row(rows, 'blockBottom')[layer]!, row(rows, 'blockBottomResidual')[layer]!, of), `bottom of layer ${layer}`);
      assert.ok(near(value, error, of) && Math.abs(value - of[0]!) < 0.1 * of[0]!, `layer ${layer}: ${value} ± ${error} against ${of[0]}`);
    });
    await runtime.close();
  });

test('warm starts sharpen the blocks: after three measurements each top is right to 1%', async () => {
  const { instrument, parameters } = await open(openReference(), 'float64', all);
  for (let step = 0; step < 3; step++) await instrument.measure(step, parameters);
  const tops = row(await instrument.measure(3, parameters), 'blockTop');
  [block(0, 16), block(16, 32), block(32, 44)].forEach((of, layer) =>
    assert.ok(Math.abs(tops[layer]! / eigenvalues(of)[0]! - 1) < 0.01, `layer ${layer}`),
  );
});

test('the trace is unbiased: over many probes its mean is within four of its own standard errors, layers add up to the whole', async () => {
  const { instrument, parameters } = await open(openReference(), 'float64', all);
  const exact = dense.reduce((sum, column, i) => sum + column[i]!, 0);
  const means: number[] = [];
  for (let step = 0; step < 40; step++) {
    const rows = await instrument.measure(step, parameters);
    means.push(row(rows, 'hessianTrace')[0]!);
    const layers = row(rows, 'blockTrace').reduce((sum, value) => sum + value, 0);
    assert.ok(Math.abs(layers - means.at(-1)!) < 1e-9 * Math.max(1, Math.abs(layers)));
  }
  const center = means.reduce((sum, value) => sum + value, 0) / means.length;
  const error = Math.sqrt(means.reduce((sum, value) => sum + (value - center) ** 2, 0) / (means.length - 1) / means.length);
  assert.ok(Math.abs(center - exact) < 4 * error, `${center} ± ${error} against ${exact}`);
});

test('a restored instrument repeats the bytes of one that went on', async () => {
  const [first, second] = [await open(openReference(), 'float64', all), await open(openReference(), 'float64', all)];
  await first.instrument.measure(0, first.parameters);
  second.instrument.restore(first.instrument.state());
  assert.deepEqual(await second.instrument.measure(7, second.parameters), await first.instrument.measure(7, first.parameters));
});

test('weights that ran away give NaN instead of an error', async () => {
  const runtime = openReference();
  const { instrument } = await open(runtime, 'float64', all);
  const away = {
    stack: await runtime.upload(new Float64Array(32).fill(NaN), [2, 4, 4]),
    readout: await runtime.upload(values.readout, [1, 4, 3]),
  };
  const rows = await instrument.measure(0, away);
  assert.ok(Number.isNaN(row(rows, 'hessianTop')[0]) && Number.isNaN(row(rows, 'blockTop')[1]));
});
