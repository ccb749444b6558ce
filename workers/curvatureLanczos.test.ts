/** @file The compiled Lanczos on planted spectra: a quadratic loss whose Hessian is a diagonal, known to the last digit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lanczos, type Spectrum } from '#core/curvature/lanczos.ts';
import { createBuilder } from '#core/graph/builder.ts';
import { triangularProduct } from '#core/programs/blocks.ts';
import type { LayeredObjective } from '#core/programs/lanczos.ts';
import { hessianMatrix } from '#core/programs/matrices.ts';
import { rng } from '#core/rng.ts';
import { openEnds } from './curvatureEnds.ts';
import { openLanczos } from './curvatureLanczos.ts';
import type { Packed } from './curvaturePart.ts';
import { takeVectors } from './vectors/room.ts';
import { openOnnx } from './runtimes/onnx.ts';
import { openReference } from './runtimes/reference.ts';

/** ½ Σ dᵢ wᵢ², two inputs of one row each. */
function quadratic(spectrum: readonly number[], precision: 'float32' | 'float64'): LayeredObjective {
  const g = createBuilder(precision);
  const half = spectrum.length / 2;
  const parameters = ['a', 'b'].map((name) => ({ name, input: g.input(name, [1, half]) }));
  const terms = parameters.map(({ input }, i) =>
    g.mul(g.square(input), g.constant(Float64Array.from(spectrum.slice(i * half, (i + 1) * half)), [1, half])),
  );
  const loss = g.mul(g.sum(g.concat(terms, 1)), 0.5);
  const members = parameters.map(({ input }, layer) => [{ node: input, layer }]);
  return { g, loss, each: g.reshape(loss, [1]), outputs: terms[0]!, parameters, members, taps: terms, held: [] };
}

async function solved(spectrum: readonly number[], rank: number, precision: 'float32' | 'float64'): Promise<Spectrum> {
  const runtime = precision === 'float64' ? openReference() : await openOnnx();
  const objective = quadratic(spectrum, precision);
  const solver = await openLanczos({ runtime, objective, held: {}, seed: 1 }, rank);
  const zeros = precision === 'float64' ? new Float64Array(spectrum.length / 2) : new Float32Array(spectrum.length / 2);
  const parameters = { a: await runtime.upload(zeros, [1, zeros.length]), b: await runtime.upload(zeros, [1, zeros.length]) };
  const [found] = await solver.solve(parameters, [{ spans: [[0, spectrum.length]], random: stream(2) }]);
  await runtime.close();
  return found.spectrum;
}

/** Both halves of the diagonal as blocks of their own, side by side. */
async function solvedBlocks(spectrum: readonly number[], rank: number, precision: 'float32' | 'float64') {
  const runtime = precision === 'float64' ? openReference() : await openOnnx();
  const half = spectrum.length / 2;
  const solver = await openLanczos({ runtime, objective: quadratic(spectrum, precision), held: {}, seed: 1 }, rank, triangularProduct);
  const zeros = precision === 'float64' ? new Float64Array(half) : new Float32Array(half);
  const parameters = { a: await runtime.upload(zeros, [1, half]), b: await runtime.upload(zeros, [1, half]) };
  const start = (block: number) => ({
    spans: [[block * half, (block + 1) * half]] as const,
    random: stream(2, block),
    keepBottom: true,
  });
  const found = await solver.solve(parameters, [start(0), start(1)]);
  await solver.close();
  await runtime.close();
  return found;
}

const stream = (seed: number, ...indices: number[]) => ({ seed, purpose: 'test' as const, indices });
const random = rng(6, 'test');
const bulk = (n: number) => Array.from({ length: n }, () => 0.1 * random.normal());
const planted: [title: string, spectrum: number[], top: number, bottom: number][] = [
  ['outliers of both signs, the negative one larger', [85.5, -127.6, ...bulk(198)], 85.5, -127.6],
  ['a top that is three times the same', [7, 7, 7, -1, ...bulk(96)], 7, -1],
  ['a top with a gap of one in a million', [5, 5 * (1 - 1e-6), -4, ...bulk(97)], 5, -4],
  ['all negative', Array.from({ length: 60 }, (_, i) => -1 - i), -1, -60],
  ['rank eight, the rest nothing', [5, 4, 3, 2, 1, -1, -2, -3, ...Array.from({ length: 192 }, () => 0)], 5, -3],
  ['twelve decades', Array.from({ length: 40 }, (_, i) => 10 ** (i / 3.25 - 6)), 1e6, 1e-6],
];

for (const [title, spectrum, top, bottom] of planted)
  for (const precision of ['float64', 'float32'] as const)
    test(`${title}, ${precision}: every value is within its residual of an eigenvalue, the ends within theirs of the truth`, async () => {
      const { values } = await solved(spectrum, 30, precision);
      const scale = Math.max(...spectrum.map(Math.abs));
      const rounding = (precision === 'float64' ? 1e-12 : 4e-6) * scale;
      for (const { value, residual } of values) {
        const distance = Math.min(...spectrum.map((x) => Math.abs(x - value)));
        assert.ok(distance <= residual + rounding, `${value} ± ${residual} is ${distance} from the spectrum`);
      }
      assert.ok(Math.abs(values[0]!.value - top) <= Math.max(values[0]!.residual, 1e-5 * scale) + rounding, `top ${values[0]!.value}`);
      const last = values.at(-1)!;
      assert.ok(Math.abs(last.value - bottom) <= Math.max(last.residual, 1e-5 * scale) + rounding, `bottom ${last.value}`);
    });

for (const precision of ['float64', 'float32'] as const) {
  test(`${precision}: two blocks side by side are the slow Lanczos on each alone, one of them past the end of its space`, async () => {
    const blocks = [[85.5, -127.6, 7, 7, 7, ...bulk(45)], Array.from({ length: 50 }, (_, i) => i % 5)]; // five different eigenvalues
    const found = await solvedBlocks(blocks.flat(), 12, precision);
    for (const [block, diagonal] of blocks.entries()) {
      const vectors = takeVectors('float64', 2, 50);
      vectors.uniform([[0, 50]], 0, 1, stream(2, block));
      const slow = lanczos((v) => v.map((x, i) => diagonal[i]! * x), Float64Array.from(vectors.of[0]!), 12);
      vectors.release();
      const scale = Math.max(...diagonal.map(Math.abs));
      const { spectrum, vector } = found[block]!;
      if (precision === 'float64') assert.equal(spectrum.rank, slow.rank);
      for (const end of [0, -1]) {
        const [got, want] = [spectrum.values.at(end)!, slow.values.at(end)!];
        assert.ok(Math.abs(got.value - want.value) <= (precision === 'float64' ? 1e-11 : 4e-6) * scale, `${got.value}, not ${want.value}`);
      }
      // what is left for the next start is made of both ends' eigenvectors: nothing but their coordinates
      const of = (value: number) => Math.hypot(...diagonal.map((d, i) => (Math.abs(d - value) < 1e-3 ? vector![i]! : 0)));
      for (const end of [spectrum.values[0]!, spectrum.values.at(-1)!]) assert.ok(Math.abs(of(end.value) - 1) < 1e-3, `${of(end.value)}`);
    }
  });

  test(`${precision}: a block that runs away leaves the other as it is`, async () => {
    const calm = [3, -2, ...bulk(8)];
    const alone = await solvedBlocks([...calm, ...calm], 6, precision);
    const beside = await solvedBlocks([...calm, Infinity, ...bulk(9)], 6, precision);
    assert.deepEqual(beside[0], alone[0]);
    assert.ok(Number.isNaN(beside[1]!.spectrum.values[0]!.value));
    assert.equal(beside[1]!.vector, null);
  });
}

for (const precision of ['float64', 'float32'] as const)
  test(`${precision}: one block of a matrix that couples all weights is found by itself, cold and warm`, async () => {
    const n = 60;
    const draws = Array.from({ length: n * n }, () => random.normal());
    const matrix = (i: number, j: number) => (draws[i * n + j]! + draws[j * n + i]!) / 2;
    const g = createBuilder(precision);
    const parameters = ['a', 'b'].map((name) => ({ name, input: g.input(name, [1, n / 2]) }));
    const w = g.concat(
      parameters.map(({ input }) => input),
      1,
    );
    const loss = g.mul(g.sum(g.mul(g.matMul(w, g.constant(Float64Array.from(draws), [n, n])), w)), 0.5);
    const members = parameters.map(({ input }, layer) => [{ node: input, layer }]);
    const objective = { g, loss, each: g.reshape(loss, [1]), outputs: w, parameters, members, taps: [w, w], held: [] };
    const runtime = precision === 'float64' ? openReference() : await openOnnx();
    const solver = await openLanczos({ runtime, objective, held: {}, seed: 1 }, 12);
    const zeros = precision === 'float64' ? new Float64Array(n / 2) : new Float32Array(n / 2);
    const at = { a: await runtime.upload(zeros, [1, n / 2]), b: await runtime.upload(zeros, [1, n / 2]) };
    const spans = [
      [3, 20],
      [30, 47],
    ] as const;
    const places = spans.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));
    const apply = (v: Float64Array) => Float64Array.from(places, (i) => places.reduce((sum, j, k) => sum + matrix(i, j) * v[k]!, 0));
    const exact = lanczos(
      apply,
      Float64Array.from(places, () => random.normal()),
      places.length,
    ).values;
    let previous: Packed | undefined;
    for (const indices of [[], [1]]) {
      const [{ spectrum, vector }] = await solver.solve(at, [{ spans, previous, random: stream(9, ...indices), keepBottom: true }]);
      for (const end of [0, -1]) {
        const { value, residual } = spectrum.values.at(end)!;
        const distance = Math.min(...exact.map((other) => Math.abs(other.value - value)));
        assert.ok(
          distance <= residual + (precision === 'float64' ? 1e-11 : 4e-5),
          `${value} ± ${residual} is ${distance} from the spectrum`,
        );
        if (previous) assert.ok(Math.abs(value - exact.at(end)!.value) <= 1e-2 * Math.abs(value), `${value}, not ${exact.at(end)!.value}`);
      }
      previous = vector!;
    }
    await solver.close();
    await runtime.close();
  });

test('two eigenvalues that cross between measurements: a warm start along the old one finds the new one, the residual was honest', async () => {
  const runtime = openReference();
  const before = quadratic([9, 8.9, ...bulk(98)], 'float64');
  const after = quadratic([8.5, 9.5, ...bulk(98)], 'float64');
  const at = async () => ({
    a: await runtime.upload(new Float64Array(50), [1, 50]),
    b: await runtime.upload(new Float64Array(50), [1, 50]),
  });
  const solve = async (objective: LayeredObjective, previous?: Packed) => {
    const solver = await openLanczos({ runtime, objective, held: {}, seed: 1 }, 10);
    return (await solver.solve(await at(), [{ spans: [[0, 100]], previous, random: stream(3) }]))[0];
  };
  const first = await solve(before);
  const second = await solve(after, first.vector!);
  assert.ok(Math.abs(second.spectrum.values[0]!.value - 9.5) < 0.01 * 9.5, String(second.spectrum.values[0]!.value));
});

/** An instrument of the ends at zero weights, as it is after `measurement` measurements with `warm` to start from. */
async function ends(spectrum: readonly number[], measurement: number, warm: Float64Array, topK = 2) {
  const runtime = openReference();
  const half = spectrum.length / 2;
  const ground = { runtime, objective: quadratic(spectrum, 'float64'), held: {}, seed: 4 };
  const part = await openEnds(ground, hessianMatrix, { topK, stream: 0 });
  part.restore!({ measurement: Float64Array.of(measurement), warm });
  const parameters = {
    a: await runtime.upload(new Float64Array(half), [1, half]),
    b: await runtime.upload(new Float64Array(half), [1, half]),
  };
  return {
    async measure(step: number): Promise<Record<string, number[]>> {
      return Object.fromEntries((await part.measure(step, parameters)).map(({ metric, values }) => [metric, [...values]]));
    },
  };
}
const unit = (n: number, at: number) => Float64Array.from({ length: n }, (_, i) => Number(i === at));

test('a warm start that is an eigenvector does not lock: the random share finds the top that has grown beside it', async () => {
  const spectrum = [9, 12, -3, ...bulk(97)]; // 9 was the top; the start is its vector, orthogonal to that of 12
  const { hessianTop, hessianTopResidual } = await (await ends(spectrum, 3, unit(100, 0))).measure(30);
  assert.ok(Math.abs(hessianTop![0]! - 12) <= Math.max(hessianTopResidual![0]!, 1e-2 * 12), String(hessianTop));
  assert.ok(Math.abs(hessianTop![1]! - 9) <= Math.max(hessianTopResidual![1]!, 1e-2 * 9), String(hessianTop));
});

test('every tenth measurement starts cold, whatever the last one left', async () => {
  const spectrum = [9, 8, -3, ...bulk(97)];
  const cold = await (await ends(spectrum, 0, unit(100, 5))).measure(70);
  assert.deepEqual(await (await ends(spectrum, 10, unit(100, 0))).measure(70), cold);
  assert.notDeepEqual(await (await ends(spectrum, 11, unit(100, 0))).measure(70), cold);
});

test('a repeated top is found, once or (by rounding) again, and everything listed behind it lies within its residual of an eigenvalue', async () => {
  const spectrum = [6, 6, 6, 2, -1, ...bulk(95)];
  for (const measurement of [0, 1]) {
    const found = await (await ends(spectrum, measurement, unit(100, 1), 3)).measure(0);
    assert.ok(Math.abs(found.hessianTop![0]! - 6) < 1e-6, String(found.hessianTop));
    found.hessianTop!.forEach((value, i) => {
      const distance = Math.min(...spectrum.map((x) => Math.abs(x - value)));
      assert.ok(distance <= found.hessianTopResidual![i]! + 1e-11, `${value} is ${distance} from the spectrum`);
    });
  }
});
