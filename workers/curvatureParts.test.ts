/** @file Each further instrument on the small network against sums over its dense Hessian. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binCount, binOf } from '#core/curvature/density.ts';
import { gradient } from '#core/graph/differentiate.ts';
import { evaluate } from '#core/graph/evaluate.ts';
import { randomWords, rng } from '#core/rng.ts';
import { block, dense, eigenvalues, inner, meanOf, objective, open, row, size, spans, spectrum, values } from './curvature.fixture.ts';
import { openReference } from './runtimes/reference.ts';
import { tinySpec, trainTold } from './train.fixture.ts';

const openWith = (instruments: Record<string, boolean>, topK = 3) => open(openReference(), 'float64', { topK, instruments });
const squareSum = ([from, to]: readonly [number, number], [low, high]: readonly [number, number]) =>
  dense.slice(from, to).reduce((sum, column) => sum + column.slice(low, high).reduce((s, x) => s + x * x, 0), 0);
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

test('standard errors of the blocks’ norms are what the norms scatter by, and those of the probes that were drawn', async () => {
  const { instrument, parameters } = await openWith({ offDiagonal: true });
  const steps = 400;
  const [norms, errors]: [Float64Array[], Float64Array[]] = [[], []];
  for (let step = 0; step < steps; step++) {
    const rows = await instrument.measure(step, parameters);
    norms.push(row(rows, 'blockNorms'));
    errors.push(row(rows, 'blockNormsError'));
  }
  // the probes of one step again, a block and its mirror image under signs of their own
  const step = 7;
  const squares = Array.from({ length: 4 }, (_, probe) => {
    const random = rng(3, 'probe', step, 6e6 + probe);
    const z = Array.from({ length: size }, () => random.rademacher());
    const seen = ([low, high]: readonly [number, number], [from, to]: readonly [number, number]) => {
      let sum = 0;
      for (let i = low; i < high; i++) sum += z.reduce((s, sign, j) => (j >= from && j < to ? s + sign * dense[j]![i]! : s), 0) ** 2;
      return sum;
    };
    return spans.map((to) => spans.map((from) => (seen(to, from) + seen(from, to)) / 2));
  });
  const close = (got: number, want: number, what: string) =>
    assert.ok(Math.abs(got - want) < 1e-9 * want, `${what}: ${got} against ${want}`);
  spans.forEach((to, k) =>
    spans.forEach((from, l) => {
      const at = k * 3 + l;
      const { mean, error } = meanOf(squares.map((probe) => probe[k]![l]!));
      close(norms[step]![at]!, Math.sqrt(mean), `norm ${k}, ${l}`);
      close(errors[step]![at]!, error / (2 * Math.sqrt(mean)), `error ${k}, ${l}`);
      const truth = Math.sqrt(squareSum(from, to));
      // the squared error is unbiased for the variance of the squared norm
      const excess = norms.map((each, i) => (each[at]! ** 2 - truth ** 2) ** 2 - (2 * each[at]! * errors[i]![at]!) ** 2);
      const gap = meanOf(excess);
      assert.ok(Math.abs(gap.mean) < 4 * gap.error, `variance ${k}, ${l}: ${gap.mean} ± ${gap.error} too much`);
      // as often within the error as Student's t of 3 degrees (61%, and 86% within twice the error), less what the squares' skewness takes
      const covered = (times: number) => norms.filter((each, i) => Math.abs(each[at]! - truth) <= times * errors[i]![at]!).length / steps;
      assert.ok(Math.abs(covered(1) - 0.61) < 0.1, `${covered(1)} of the norms ${k}, ${l} lie within their error`);
      assert.ok(Math.abs(covered(2) - 0.86) < 0.13, `${covered(2)} of the norms ${k}, ${l} lie within twice their error`);
    }),
  );
});

test('a block of zeros has the norm 0 without an error', async () => {
  const { instrument, upload } = await openWith({ offDiagonal: true });
  const shapes = [
    [2, 4, 4],
    [1, 4, 3],
  ];
  // kernels of zeros: the outputs are 0 until both layers below the readout move
  const still = await upload(['stack', 'readout'], shapes, { stack: new Float64Array(32), readout: values.readout });
  const rows = await instrument.measure(0, still);
  const [norms, errors] = [row(rows, 'blockNorms'), row(rows, 'blockNormsError')];
  assert.ok(norms[1]! > 0 && errors[1]! > 0);
  for (const at of [0, 2, 4, 5, 6, 7, 8]) assert.deepEqual([norms[at], errors[at]], [0, 0]);
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

/** Of the space of b, Ab, …, A⁷b the unit vector with the largest quotient, by power iteration there; and how far A leads away from it. */
function bestOfKrylov(a: readonly Float64Array[], start: Float64Array): { value: number; residual: number } {
  const apply = (v: Float64Array) => Float64Array.from(a, (line) => inner(line, v));
  const basis: Float64Array[] = [];
  for (let next = start; basis.length < 8; next = apply(basis.at(-1)!)) {
    const rest = next.slice();
    for (let pass = 0; pass < 2; pass++)
      for (const q of basis) {
        const share = inner(q, rest);
        rest.forEach((x, i) => (rest[i] = x - share * q[i]!));
      }
    const length = Math.sqrt(inner(rest, rest));
    if (length < 1e-9 * Math.sqrt(inner(next, next))) break;
    basis.push(rest.map((x) => x / length));
  }
  const inside = (v: Float64Array) => v.map((_, i) => basis.reduce((sum, q) => sum + inner(q, v) * q[i]!, 0));
  const shift = Math.max(...a.map((line) => line.reduce((sum, x) => sum + Math.abs(x), 0)));
  let v = basis[0]!;
  for (let turn = 0; turn < 4_000; turn++) {
    const image = inside(apply(v));
    const grown = image.map((x, i) => x + shift * v[i]!);
    const length = Math.sqrt(inner(grown, grown));
    v = grown.map((x) => x / length);
  }
  const image = apply(v);
  const value = inner(v, image);
  return { value, residual: Math.hypot(...image.map((x, i) => x - value * v[i]!)) };
}

test('the residual of the scale-free sharpness is ‖Hv - λv‖ ‖W‖² of the Krylov space’s best vector, and an eigenvalue lies within it', async () => {
  const { instrument, parameters } = await open(openReference(), 'float64', {
    instruments: { scaleFree: true },
    scaleInvariant: [true, true, true],
  });
  const rows = await instrument.measure(0, parameters);
  const [sharpness, residuals] = [row(rows, 'scaleFreeSharpness'), row(rows, 'scaleFreeSharpnessResidual')];
  const kernels = [values.stack.slice(0, 16), values.stack.slice(16), values.readout];
  for (const layer of [0, 1, 2]) {
    const [from, to] = spans[layer]!;
    const own = block(from, to);
    const square = kernels[layer]!.reduce((sum, x) => sum + x * x, 0);
    const words = randomWords((to - from) / 2, 3, 'probe', 0, 7e6 + layer); // as the run starts
    const start = Float64Array.from({ length: to - from }, (_, n) => ((words[n >> 1]! >>> (16 * (n % 2))) & 0xffff) - 32767.5);
    const { value, residual } = bestOfKrylov(own, start);
    const [gotValue, got] = [sharpness[layer]!, residuals[layer]!];
    assert.ok(Math.abs(gotValue - value * square) < 1e-9 * gotValue);
    // layers 0 and 2 exhaust their spaces: the floor of the products' precision remains
    if (layer === 1)
      assert.ok(Math.abs(got / (residual * square) - 1) < 1e-6 && got > 1e-4 * gotValue, `${got} against ${residual * square}`);
    else assert.ok(residual * square < 1e-12 * gotValue && got > 0.5e-12 * gotValue && got < 2e-12 * gotValue, `${got} of ${gotValue}`);
    assert.ok(eigenvalues(own).some((eigenvalue) => Math.abs(eigenvalue * square - gotValue) <= got));
  }
});

test('scale-free sharpness stays when the weights in front of a normalization are rescaled, the blocks do not', async () => {
  const network = { kind: 'mlpChain', depth: 2, width: 4, normalization: 'batchNorm', epsilon: 1e-12 };
  const curvature = { every: 1, batchSize: 40, scaleFree: true };
  const measured = async (scale: number) => {
    const regularizer = { kind: 'weightRescaling', target: 'value', targetValue: scale };
    const { rows } = await trainTold(tinySpec({ network, regularizer, curvature, steps: 1 }));
    const at = (metric: string) => rows.get(metric)![0]![1];
    return { free: at('scaleFreeSharpness'), residual: at('scaleFreeSharpnessResidual'), top: at('blockTop') };
  };
  const [one, three] = [await measured(1), await measured(3)];
  for (const layer of [0, 1]) {
    assert.ok(Math.abs(three.free[layer]! / one.free[layer]! - 1) < 0.05, `${one.free} and ${three.free}`);
    assert.ok(Math.abs(three.residual[layer]! / one.residual[layer]! - 1) < 0.05, `${one.residual} and ${three.residual}`);
  }
  assert.ok(Number.isNaN(one.free[2]) && Number.isNaN(one.residual[2]));
});
