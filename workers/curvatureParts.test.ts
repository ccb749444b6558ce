/** @file Each further instrument on the small network against sums over its dense Hessian. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binCount, binOf } from '#core/curvature/density.ts';
import { gradient } from '#core/graph/differentiate.ts';
import { evaluate } from '#core/graph/evaluate.ts';
import { rng } from '#core/rng.ts';
import { dense, objective, open, row, size, spectrum, values } from './curvature.fixture.ts';
import { openReference } from './runtimes/reference.ts';
import { tinySpec, trainTold } from './train.fixture.ts';

const openWith = (instruments: Record<string, boolean>, topK = 3) => open(openReference(), 'float64', { topK, instruments });
const spans = [
  [0, 16],
  [16, 32],
  [32, 44],
] as const;
const squareSum = ([from, to]: readonly [number, number], [low, high]: readonly [number, number]) =>
  dense.slice(from, to).reduce((sum, column) => sum + column.slice(low, high).reduce((s, x) => s + x * x, 0), 0);
/** Mean of a metric's rows over steps with the standard error of that mean. */
function meanOf(rows: readonly number[]): { mean: number; error: number } {
  const mean = rows.reduce((sum, x) => sum + x, 0) / rows.length;
  return { mean, error: Math.sqrt(rows.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (rows.length - 1) / rows.length) };
}

test('every eigenvalue of the dense Hessian, descending', async () => {
  const { instrument, parameters } = await openWith({ exact: true });
  const found = row(await instrument.measure(0, parameters), 'hessianSpectrum');
  assert.equal(found.length, size);
  found.forEach((value, i) => assert.ok(Math.abs(value - spectrum[i]!) < 1e-9 * spectrum[0]!));
});

test('the density has unit mass, its mean over probes is the share of eigenvalues in each bin, and it brings the ends along', async () => {
  const { instrument, parameters } = await openWith({ density: true });
  const shares: Float64Array[] = [];
  const negative: number[] = [];
  for (let step = 0; step < 60; step++) {
    const rows = await instrument.measure(step, parameters);
    shares.push(row(rows, 'hessianDensity'));
    negative.push(row(rows, 'hessianNegativeMass')[0]!);
    assert.equal(shares[step]!.length, binCount);
    assert.ok(Math.abs(shares[step]!.reduce((sum, x) => sum + x, 0) - 1) < 1e-9);
    assert.ok(row(rows, 'hessianDensityError').every((error) => error >= 0));
    row(rows, 'hessianTop').forEach((value, i) => assert.ok(Math.abs(value - spectrum[i]!) < 1e-6 * spectrum[0]!));
    assert.ok(Math.abs(row(rows, 'hessianBottom')[0]! - spectrum.at(-1)!) < 1e-6 * spectrum[0]!);
  }
  const absolute = (values: readonly number[]) => values.reduce((sum, value) => sum + Math.abs(value), 0);
  const expected = absolute(spectrum.filter((value) => value < 0));
  const share = meanOf(negative);
  assert.ok(Math.abs(share.mean - expected) < 4 * share.error, `${share.mean} ± ${share.error} against ${expected}`);
  const top = binOf(spectrum[0]!);
  const inTop = meanOf(shares.map((each) => each[top]!));
  const exact = spectrum.filter((value) => binOf(value) === top).length / size;
  assert.ok(Math.abs(inTop.mean - exact) < 4 * inTop.error, `${inTop.mean} ± ${inTop.error} against ${exact}`);
});

test('the Frobenius norm and the norms of all blocks are unbiased in their squares', async () => {
  const { instrument, parameters } = await openWith({ trace: true, offDiagonal: true });
  const whole: number[] = [];
  const pairs: Float64Array[] = [];
  for (let step = 0; step < 60; step++) {
    const rows = await instrument.measure(step, parameters);
    whole.push(row(rows, 'hessianFrobenius')[0]! ** 2);
    pairs.push(row(rows, 'blockNorms').map((x) => x * x));
    assert.ok(row(rows, 'hessianFrobeniusError')[0]! > 0);
    for (const [k, l] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const)
      assert.equal(pairs[step]![k * 3 + l], pairs[step]![l * 3 + k]);
  }
  const near = (samples: readonly number[], expected: number, what: string) => {
    const { mean, error } = meanOf(samples);
    assert.ok(Math.abs(mean - expected) < 4 * error, `${what}: ${mean} ± ${error} against ${expected}`);
  };
  near(whole, squareSum([0, size], [0, size]), 'whole');
  spans.forEach((rows, k) =>
    spans.forEach((columns, l) =>
      near(
        pairs.map((each) => each[k * 3 + l]!),
        squareSum(columns, rows),
        `block ${k}, ${l}`,
      ),
    ),
  );
});

test('along the gradient and along a step the curvature is the quotient of the dense Hessian', async () => {
  const { instrument, parameters, upload } = await openWith({ directions: true });
  const { g, loss, parameters: stacks } = objective('float64');
  const slope = Float64Array.from(
    evaluate(
      gradient(
        g,
        loss,
        stacks.map(({ input }) => input),
      ),
      values,
    ).flatMap((part) => Array.from(part)),
  );
  const quotient = (v: Float64Array) => {
    const product = v.map((_, i) => dense.reduce((sum, column, j) => sum + column[i]! * v[j]!, 0));
    return v.reduce((sum, x, i) => sum + x * product[i]!, 0) / v.reduce((sum, x) => sum + x * x, 0);
  };
  const close = (got: number, want: number) => assert.ok(Math.abs(got - want) < 1e-9 * spectrum[0]!, `${got} against ${want}`);
  close(row(await instrument.measure(0, parameters), 'gradientSharpness')[0]!, quotient(slope));
  const random = rng(8, 'test');
  const step = Float64Array.from({ length: size }, () => 1e-3 * random.normal());
  const moved = { stack: values.stack.map((x, i) => x + step[i]!), readout: values.readout.map((x, i) => x + step[32 + i]!) };
  const after = await upload(
    ['stack', 'readout'],
    [
      [2, 4, 4],
      [1, 4, 3],
    ],
    moved,
  );
  close(row(await instrument.along(parameters, after), 'updateSharpness')[0]!, quotient(step));
});

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

test('scale-free sharpness stays when the weights in front of a normalization are rescaled, the blocks do not', async () => {
  const network = { kind: 'mlpChain', depth: 2, width: 4, normalization: 'batchNorm', epsilon: 1e-12 };
  const curvature = { every: 1, batchSize: 40, scaleFree: true };
  const measured = async (scale: number) => {
    const regularizer = { kind: 'weightRescaling', target: 'value', targetValue: scale };
    const { rows } = await trainTold(tinySpec({ network, regularizer, curvature, steps: 1 }));
    return { free: rows.get('scaleFreeSharpness')![0]![1], top: rows.get('blockTop')![0]![1] };
  };
  const [one, three] = [await measured(1), await measured(3)];
  for (const layer of [0, 1]) assert.ok(Math.abs(three.free[layer]! / one.free[layer]! - 1) < 0.05, `${one.free} and ${three.free}`);
  assert.ok(Number.isNaN(one.free[2]));
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
