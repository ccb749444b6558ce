/** @file Spectra by the methods of large networks, and of operators without a network. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '#core/rng.ts';
import { answerQuestion } from './answer.ts';
import { filesGiven } from './files.ts';

const close = (got: readonly number[], want: readonly number[], what: string, tolerance = 1e-9) => {
  assert.equal(got.length, want.length, what);
  const scale = Math.max(...want.map(Math.abs), 1e-3);
  got.forEach((value, i) => assert.ok(Math.abs(value - want[i]!) <= tolerance * scale, `${what}[${i}] is ${value} instead of ${want[i]}`));
};
const random = rng(12, 'test');
const normals = (n: number) => Array.from({ length: n }, () => 0.7 * random.normal());
const size = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

const wide = (hidden: number) => {
  const shapes = [[20, hidden], [hidden], [hidden, 10], [10]];
  return {
    layers: [
      { type: 'dense', out: hidden, activation: 'tanh' },
      { type: 'dense', out: 10 },
    ],
    params: Object.fromEntries(shapes.map((shape, i) => [`p${i}`, { shape, data: normals(size(shape)).map((value) => value / 4) }])),
    inputs: { shape: [12, 20], data: normals(240) },
    targets: Array.from({ length: 12 }, (_, b) => b % 10),
    loss: 'softmax_ce',
  };
};

test('Lanczos gives the ends that the dense solver gives', async () => {
  const question = wide(10);
  const asked = { top: 4, bottom: 4, trace: true, frobenius: true };
  // answers are read as the JSON they are: their fields are what was asked for
  const dense: any = await answerQuestion({ ...question, ask: { hessian: asked } }, filesGiven(new Map()));
  const lanczos: any = await answerQuestion({ ...question, ask: { hessian: { ...asked, method: 'lanczos' } } }, filesGiven(new Map()));
  assert.deepEqual([dense.hessian.method, lanczos.hessian.method], ['dense', 'lanczos']);
  for (const field of ['top', 'bottom']) close(lanczos.hessian[field], dense.hessian[field], field);
  for (const field of ['trace', 'frobenius']) close([lanczos.hessian[field]], [dense.hessian[field]], field);
});

test('above 2,000 parameters: small residuals, exact traces that add up, a density that agrees, and no matrix', async () => {
  const question = wide(70);
  const ask = {
    hessian: { top: 2, bottom: 2, trace: true, frobenius: true },
    blocks: { trace: true },
    density: { probes: 12, rank: 40, points: 64 },
  };
  const answer: any = await answerQuestion({ ...question, ask }, filesGiven(new Map()));
  assert.equal(answer.parameters, 2180);
  const { hessian, blocks, density } = answer;
  for (const field of ['topResiduals', 'bottomResiduals'])
    assert.ok(hessian[field].every((residual: number) => residual < 1e-9 * hessian.top[0]));
  close([Object.values<any>(blocks).reduce((sum, { trace }) => sum + trace, 0)], [hessian.trace], 'trace');
  // the variance of one probe is at most 2‖H‖²
  assert.ok(Math.abs(density.mean * 2180 - hessian.trace) < 4 * Math.sqrt(2 / 12) * hessian.frobenius);
  for (const [name, exact] of [
    ['mean', hessian.trace / 2180],
    ['meanSquare', hessian.frobenius ** 2 / 2180],
  ] as const) {
    const error = density[`${name}Error`];
    assert.ok(error > 0 && Math.abs(density[name] - exact) < 4 * error, `${name}: ${density[name]} ± ${error}, exactly ${exact}`);
  }
  assert.ok(density.negativeShareError > 0 && density.negativeShareError < 0.5);
  await assert.rejects(
    answerQuestion({ ...question, ask: { hessian: { matrix: true } } }, filesGiven(new Map())),
    /ask.hessian.matrix: takes fewer than 2000 parameters, got 2180/,
  );
});

test('operators alone: dense, Lanczos and the power method give known spectra with signs', async () => {
  const diagonal = [85.5, -127.6, 3, 2, 1, 0, -1, 12.25, -50, 40];
  const matrix = diagonal.map((value, i) => diagonal.map((_, j) => (i === j ? value : 0)));
  const [top, bottom] = [
    [85.5, 40, 12.25],
    [-127.6, -50, -1],
  ];
  for (const solver of ['auto', 'dense', 'lanczos', 'power'])
    for (const operator of [{ diagonal }, { matrix }]) {
      const answer: any = await answerQuestion(
        { operator: { ...operator, solver }, ask: { top: 3, bottom: 3, trace: true, frobenius: true, density: true } },
        filesGiven(new Map()),
      );
      close(answer.top, top, `${solver} top`);
      close(answer.bottom, bottom, `${solver} bottom`);
      close([answer.trace, answer.frobenius], [diagonal.reduce((a, b) => a + b), Math.hypot(...diagonal)], 'sums');
      assert.ok(answer.topResiduals.every((residual: number) => residual < 1e-7));
      close([answer.density.mean], [diagonal.reduce((a, b) => a + b) / 10], 'mean of the density');
    }
});

test('the power method on eigenvalues too close to part: an eigenvalue lies within every residual', async () => {
  for (const gap of [1e-3, 1e-4, 1e-5, 1e-6]) {
    const diagonal = [5, 5 - gap, 5 - 3 * gap, 2, -1, -4 + gap, -4];
    const answer: any = await answerQuestion(
      { operator: { diagonal, solver: 'power' }, ask: { top: 3, bottom: 2 } },
      filesGiven(new Map()),
    );
    for (const end of ['top', 'bottom'])
      answer[end].forEach((value: number, i: number) => {
        const distance = Math.min(...diagonal.map((eigenvalue) => Math.abs(eigenvalue - value)));
        const residual = answer[`${end}Residuals`][i];
        assert.ok(distance <= residual * (1 + 1e-6), `${end} ${i}, gap ${gap}: ${distance} away, residual ${residual}`);
      });
  }
});

test('the density of an operator is its own: there is no other matrix to ask for', () =>
  assert.rejects(
    answerQuestion({ operator: { diagonal: [1, 2] }, ask: { density: { of: 'ggn' } } }, filesGiven(new Map())),
    /density\.of|density.*unknown field of/,
  ));

test('in float32 too every eigenvalue lies within its residual of one that float64 finds, whole and by blocks, dense and by Lanczos', async () => {
  // inputs far from 0 in front of a normalization: six digits of them cancel
  const far = { shape: [8, 3], data: normals(24).map((value) => 300 + value) };
  const question = {
    layers: [{ type: 'batchnorm' }, { type: 'dense', out: 5, activation: 'silu' }, { type: 'dense', out: 3 }],
    params: Object.fromEntries([[3, 5], [5], [5, 3], [3]].map((shape, i) => [`p${i}`, { shape, data: normals(size(shape)) }])),
    ...{ inputs: far, targets: [0, 1, 2, 0, 1, 2, 0, 1], loss: 'softmax_ce' },
  };
  const exact: any = await answerQuestion(
    { ...question, ask: { hessian: { spectrum: true }, blocks: { spectrum: true } } },
    filesGiven(new Map()),
  );
  for (const [method, runtime] of [
    ['dense', 'auto'],
    ['lanczos', 'auto'],
    ['dense', 'tensorflow'],
  ]) {
    const asked = { top: 3, bottom: 3, method };
    const single: any = await answerQuestion(
      { ...question, precision: 'float32', runtime, ask: { hessian: asked, blocks: asked } },
      filesGiven(new Map()),
    );
    const pairs = [[exact.hessian, single.hessian], ...Object.keys(exact.blocks).map((name) => [exact.blocks[name], single.blocks[name]])];
    for (const [{ spectrum }, found] of pairs)
      for (const end of ['top', 'bottom'])
        found[end].forEach((value: number, i: number) => {
          const residual = found[`${end}Residuals`][i];
          const distance = Math.min(...spectrum.map((other: number) => Math.abs(other - value)));
          assert.ok(distance <= residual, `${method} ${end}[${i}]: ${value} ± ${residual}, ${distance} away`);
          assert.ok(residual < 1e-2 * Math.max(...spectrum.map(Math.abs)), `${residual} says nothing`);
        });
  }
});

test('of an exact diagonal an eigenvalue lies within every residual, rounding included', async () => {
  for (const diagonal of [
    [2, -5],
    [7, 7, 7, -2, -2],
    Array.from({ length: 90 }, () => random.normal()),
    normals(37).map((x, i) => x * 10 ** (-i / 3)),
  ])
    for (const solver of ['auto', 'lanczos', 'power'].slice(0, diagonal.length > 10 ? 2 : 3)) {
      const answer: any = await answerQuestion({ operator: { diagonal }, solver, ask: { top: 4, bottom: 4 } }, filesGiven(new Map()));
      for (const end of ['top', 'bottom'])
        answer[end].forEach((value: number, i: number) => {
          const error = Math.min(...diagonal.map((exact) => Math.abs(exact - value)));
          assert.ok(
            error <= answer[`${end}Residuals`][i],
            `${solver} ${end}[${i}] ${value}: ${error} off, ${answer[`${end}Residuals`][i]} claimed`,
          );
        });
    }
});

test('zeros are not negative: the share of a matrix of low rank, and of a network most of whose parameters do nothing', async () => {
  const n = 60;
  const vectors = [normals(n), normals(n), normals(n)];
  const matrix = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => vectors.reduce((sum, v, k) => sum + (k === 1 ? -1 : 1) * v[i]! * v[j]!, 0)),
  );
  for (const method of ['exact', 'slq']) {
    const { density }: any = await answerQuestion(
      { operator: { matrix }, ask: { density: { method, probes: 40 } } },
      filesGiven(new Map()),
    );
    const off = Math.abs(density.negativeShare - 1 / n);
    assert.ok(
      off <= Math.max(1e-15, 4 * density.negativeShareError),
      `${method}: ${density.negativeShare} ± ${density.negativeShareError}`,
    );
  }
  // one example, one output: ½ (f - y)², whose Hessian has the outer product of the gradient, and what is bilinear between two layers
  const question = {
    layers: [
      { type: 'dense', out: 6, activation: 'relu' },
      { type: 'dense', out: 1 },
    ],
    params: Object.fromEntries([[12, 6], [6], [6, 1], [1]].map((shape, i) => [`p${i}`, { shape, data: normals(size(shape)) }])),
    inputs: [normals(12)],
    targets: [[3]],
    loss: 'half_mse',
    ask: ['density', { hessian: { spectrum: true } }],
  };
  for (const runtime of ['reference', 'onnx']) {
    const { density, hessian, parameters }: any = await answerQuestion({ ...question, runtime }, filesGiven(new Map()));
    const negative = hessian.spectrum.filter((value: number) => value < -1e-9).length;
    assert.ok(negative > 0 && negative < 10 && hessian.spectrum.filter((value: number) => value < 0).length > negative);
    assert.ok(Math.abs(density.negativeShare - negative / parameters) < 1e-15);
  }
});

test('the share below 0 by quadrature: as far off as it says, where eigenvalues crowd around 0 closer than it can part', async () => {
  for (const turn of [1, -1]) {
    const diagonal = Array.from({ length: 1_200 }, (_, i) => turn * (i % 3 === 0 ? 10 ** (-i / 200) : -(10 ** (-2 - i / 200))));
    const exact = turn > 0 ? 2 / 3 : 1 / 3;
    for (const rank of [5, 20, 60]) {
      const question = { operator: { diagonal }, ask: { density: { method: 'slq', probes: 4, rank } } };
      const { density }: any = await answerQuestion(question, filesGiven(new Map()));
      const [off, error] = [Math.abs(density.negativeShare - exact), density.negativeShareError];
      assert.ok(off <= error && error < 0.5, `${density.negativeShare} ± ${error} with ${rank} steps, exactly ${exact}`);
    }
  }
});
