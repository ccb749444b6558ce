/** @file Gauss-Newton and both Fisher matrices on the small network: ends, traces, blocks and densities against their dense matrices. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binOf } from '#core/curvature/density.ts';
import type { Runtime } from '#core/graph/program.ts';
import { fisherMatrix, ggnMatrix, modelFisherMatrix } from '#core/programs/matrices.ts';
import { columnsOf, eigenvalues, inner, meanOf, open, row, size, spans, values } from './curvature.fixture.ts';
import type { CurvatureRow } from './curvature.ts';
import { openOnnx } from './runtimes/onnx.ts';
import { openReference } from './runtimes/reference.ts';
import { tinySpec, trainTold } from './train.fixture.ts';

const openWith = (instruments: Record<string, boolean>) => open(openReference(), 'float64', { instruments });

test('Gauss-Newton and Fisher eigenvalues are never negative, their traces bound them', async () => {
  const { instrument, parameters } = await openWith({ gaussNewton: true, fisher: true });
  const rows = await instrument.measure(0, parameters);
  for (const prefix of ['ggn', 'fisher']) {
    const [top, trace] = [row(rows, `${prefix}Top`), row(rows, `${prefix}Trace`)[0]!];
    const error = row(rows, `${prefix}TraceError`)[0]!;
    assert.ok(top[0]! > 0 && top[0]! < trace + 4 * error, `${prefix}: ${top[0]} and ${trace} ± ${error}`);
    assert.ok(top.every((value, i) => value >= -1e-9 && value <= (top[i - 1] ?? Infinity)));
  }
});

const kin = [ggnMatrix, fisherMatrix, modelFisherMatrix];

test('traces, of the whole and of layers, and Frobenius norms of Gauss-Newton and Fisher are unbiased: over many probes within four standard errors of the dense matrix', async () => {
  const { instrument, parameters } = await openWith({ gaussNewton: true, fisher: true });
  const measured: CurvatureRow[][] = [];
  for (let step = 0; step < 60; step++) measured.push(await instrument.measure(step, parameters));
  for (const { name, product } of kin) {
    const matrix = columnsOf(product);
    const near = (of: (rows: (typeof measured)[number]) => number, exact: number) => {
      const { mean, error } = meanOf(measured.map(of));
      assert.ok(Math.abs(mean - exact) < 4 * error, `${name}: ${mean} ± ${error}, not ${exact}`);
    };
    const traceOf = ([from, to]: readonly [number, number]) =>
      matrix.slice(from, to).reduce((sum, column, i) => sum + column[from + i]!, 0);
    near((rows) => row(rows, `${name}Trace`)[0]!, traceOf([0, size]));
    spans.forEach((of, layer) => near((rows) => row(rows, `${name}BlockTrace`)[layer]!, traceOf(of)));
    near(
      (rows) => row(rows, `${name}Frobenius`)[0]! ** 2,
      matrix.reduce((sum, column) => sum + inner(column, column), 0),
    );
    for (const rows of measured) {
      assert.ok(row(rows, `${name}FrobeniusError`)[0]! > 0);
      const layers = row(rows, `${name}BlockTrace`).reduce((sum, value) => sum + value, 0);
      assert.ok(Math.abs(layers / row(rows, `${name}Trace`)[0]! - 1) < 1e-12, 'layers add up to the whole');
    }
  }
});

for (const [name, openRuntime, precision, tolerance] of [
  ['reference', () => openReference(), 'float64', 1e-9],
  ['onnx float32', () => openOnnx(), 'float32', 2e-5],
] as const)
  test(`${name}: the largest eigenvalue of every block of Gauss-Newton and Fisher lies within its residual of the dense matrix' block`, async () => {
    const runtime = await openRuntime();
    const { instrument, parameters } = await open(runtime, precision, { instruments: { gaussNewton: true, fisher: true, blocks: true } });
    let rows = await instrument.measure(0, parameters);
    for (let step = 1; step < 4; step++) rows = await instrument.measure(step, parameters);
    for (const { name, product } of kin) {
      const matrix = columnsOf(product);
      spans.forEach(([from, to], layer) => {
        const of = eigenvalues(matrix.slice(from, to).map((column) => column.slice(from, to)));
        const [value, residual] = [row(rows, `${name}BlockTop`)[layer]!, row(rows, `${name}BlockTopResidual`)[layer]!];
        assert.ok(
          of.some((x) => Math.abs(x - value) <= residual + tolerance * of[0]!),
          `${name}, layer ${layer}: ${value} ± ${residual}`,
        );
        assert.ok(Math.abs(value / of[0]! - 1) < 0.01, `${name}, layer ${layer}: ${value} against ${of[0]}`);
      });
      assert.ok(!rows.some(({ metric }) => metric === `${name}BlockBottom`), 'nothing is negative');
    }
    await instrument.close();
    await runtime.close();
  });

test('densities of Gauss-Newton and Fisher have unit mass, on average the share of eigenvalues in each bin, and bring the top along', async () => {
  const { instrument, parameters } = await openWith({ gaussNewton: true, fisher: true, density: true });
  const measured: CurvatureRow[][] = [];
  for (let step = 0; step < 60; step++) measured.push(await instrument.measure(step, parameters));
  for (const { name, product } of kin) {
    const of = eigenvalues(columnsOf(product));
    for (const rows of measured) {
      assert.ok(Math.abs(row(rows, `${name}Density`).reduce((sum, x) => sum + x, 0) - 1) < 1e-9);
      assert.ok(row(rows, `${name}DensityError`).every((error) => error >= 0));
      row(rows, `${name}Top`).forEach((value, i) => assert.ok(Math.abs(value - of[i]!) < 1e-6 * of[0]!, `${name}: ${value}, not ${of[i]}`));
    }
    for (const bin of new Set(of.slice(0, 3).map(binOf))) {
      const { mean, error } = meanOf(measured.map((rows) => row(rows, `${name}Density`)[bin]!));
      const exact = of.filter((value) => binOf(value) === bin).length / size;
      assert.ok(Math.abs(mean - exact) < 4 * error, `${name}: ${mean} ± ${error}, not ${exact}`);
    }
  }
});

test('what the products’ precision cannot tell from 0 counts as 0: most eigenvalues of a steep Gauss-Newton matrix in float32', async () => {
  const runtime = await openOnnx();
  const steep = { ...values, readout: values.readout.map((x) => 8 * x) };
  const exact = eigenvalues(columnsOf(ggnMatrix.product, steep));
  const shapes = [
    [2, 4, 4],
    [1, 4, 3],
  ];
  for (const [precision, noise] of [
    ['float32', 1e-6],
    ['float64', 1e-12],
  ] as const) {
    const { instrument, upload } = await open(runtime, precision, { instruments: { gaussNewton: true, density: true } });
    const parameters = await upload(['stack', 'readout'], shapes, steep);
    const rows: CurvatureRow[][] = [];
    for (let step = 0; step < 20; step++) rows.push(await instrument.measure(step, parameters));
    const { mean, error } = meanOf(rows.map((of) => row(of, 'ggnDensity')[binOf(0)]!));
    const below = (limit: number) => exact.filter((value) => Math.abs(value) < limit).length / size;
    const limit = Math.max(1e-6, noise * exact[0]!);
    const [low, high] = [below(limit / 10) - 4 * error, below(10 * limit) + 4 * error];
    assert.ok(mean > low && mean < high, `${precision}: ${mean} ± ${error}, not from ${low} to ${high}`);
    await instrument.close();
  }
  await runtime.close();
});

test('what compiling took is counted once, though a density opens the ends on its way: it is part of the time that went by', async () => {
  const slow = openReference();
  const compile: Runtime['compile'] = async (program) => {
    const until = performance.now() + 20;
    while (performance.now() < until);
    return slow.compile(program);
  };
  const { instrument, parameters } = await open({ ...slow, compile }, 'float64', {
    balanced: true,
    instruments: { gaussNewton: true, fisher: true, density: true },
  });
  for (let step = 0; step < 3; step++) {
    const [start, before] = [performance.now(), instrument.opening()];
    await instrument.measure(step, parameters);
    const [took, opening] = [performance.now() - start, instrument.opening() - before];
    assert.ok(opening <= took, `${opening} ms of ${took}`);
    if (step === 0) assert.ok(opening > 0);
  }
});

test('a restored instrument repeats the bytes of one that went on, with every matrix and quantity', async () => {
  const every = { gaussNewton: true, fisher: true, density: true, blocks: true, trace: true };
  const [first, second] = [await openWith(every), await openWith(every)];
  await first.instrument.measure(0, first.parameters);
  second.instrument.restore(first.instrument.state());
  assert.deepEqual(await second.instrument.measure(7, second.parameters), await first.instrument.measure(7, first.parameters));
});

test('the model’s Fisher matrix is measured beside the empirical one: for cross-entropy it is Gauss-Newton’s; a hinge loss has none', async () => {
  const curvature = { every: 1, batchSize: 40, topK: 2, gaussNewton: true, fisher: true };
  const { rows, facts } = await trainTold(tinySpec({ curvature, steps: 1 }));
  const at = (metric: string) => rows.get(metric)![0]![1];
  at('modelFisherTop').forEach((value, i) => assert.ok(Math.abs(value / at('ggnTop')[i]! - 1) < 1e-6, `${value} and ${at('ggnTop')[i]}`));
  assert.ok(Math.abs(at('fisherTop')[0]! / at('ggnTop')[0]! - 1) > 1e-3);
  assert.ok(facts.metrics!.some(({ name }) => name === 'modelFisherTrace'));
  const hinge = await trainTold(tinySpec({ curvature, loss: 'hinge', steps: 1 }));
  assert.ok(hinge.rows.has('fisherTop') && !hinge.rows.has('modelFisherTop'));
  assert.ok(!hinge.facts.metrics!.some(({ name }) => name.startsWith('modelFisher')));
});
