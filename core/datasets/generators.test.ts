/** @file The laws of the made data: ranks, norms, spacings, noise and the functions behind the values, each computed anew. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../catalog.ts';
import type { Data } from '../define.ts';
import { rng } from '../rng.ts';
import { parseSpec, SpecError } from '../spec.ts';
import { datasets } from './index.ts';

type Made = Exclude<keyof typeof datasets, 'idx' | 'cifar10'>;
const make = (name: Made, options: object = {}, seed = 1) =>
  datasets[name].generate!(rng(seed, 'data'), { ...defaults('dataset', name), ...options });
const row = ({ inputs, inputSize }: Data, i: number) => Array.from(inputs.subarray(i * inputSize, (i + 1) * inputSize));
const rows = (data: Data) => Array.from({ length: data.n }, (_, i) => row(data, i));
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value / values.length, 0);
const near = (got: number, wanted: number, tolerance: number, what = '') =>
  assert.ok(Math.abs(got - wanted) <= tolerance, `${what} ${got}, not ${wanted} ± ${tolerance}`);

/** An orthonormal basis of what the vectors span, by elimination of what is left above the tolerance. */
function span(vectors: readonly number[][], tolerance = 1e-8): number[][] {
  const basis: number[][] = [];
  for (const vector of vectors) {
    const rest = without(vector, basis);
    const norm = Math.sqrt(dot(rest, rest));
    if (norm > tolerance) basis.push(rest.map((value) => value / norm));
  }
  return basis;
}
/** A vector less its part in the span of a basis, taken off twice. */
const without = (vector: readonly number[], basis: readonly number[][]) =>
  [...basis, ...basis].reduce<readonly number[]>((rest, q) => {
    const along = dot(q, rest);
    return rest.map((value, j) => value - along * q[j]!);
  }, vector);

test('low rank: the inputs span exactly r dimensions and keep the norm √r of a standardized mixture', () => {
  const { train, heldOut } = make('lowRank', { inputs: 30, rank: 7, train: 400, heldOut: 100 });
  const basis = span(rows(train));
  assert.equal(basis.length, 7);
  for (const x of rows(heldOut)) near(Math.hypot(...without(x, basis)), 0, 1e-12);
  near(mean(rows(train).map((x) => dot(x, x))), 7, 1e-9);
  for (let j = 0; j < 30; j++) near(mean(rows(train).map((x) => x[j]!)), 0, 1e-12);
});

test('low rank: noise outside the span has its variance in d - r dimensions, and the shift reaches the held-out set alone', () => {
  const clean = make('lowRank', { inputs: 30, rank: 5 });
  const basis = span(rows(clean.train));
  const outside = (data: Data) => mean(rows(data).map((x) => Math.hypot(...without(x, basis)) ** 2)) / 25;
  const shifted = make('lowRank', { inputs: 30, rank: 5, shift: 2 });
  assert.deepEqual(shifted.train, clean.train);
  assert.deepEqual(shifted.heldOut.labels, clean.heldOut.labels);
  // a mean of 1000 x 25 squares: one deviation is √(2/25000) = 0.9%
  near(outside(shifted.heldOut), 4, 4 * 0.045, 'shifted');
  const noisy = make('lowRank', { inputs: 30, rank: 5, offSpan: 1.5, shift: 2 });
  near(outside(noisy.train), 2.25, 2.25 * 0.045, 'training');
  near(outside(noisy.heldOut), 6.25, 6.25 * 0.045, 'held out');
  for (const i of [0, 99])
    // what lies in the span is the same
    basis.forEach((q) => near(dot(q, row(noisy.train, i)), dot(q, row(clean.train, i)), 1e-12));
});

test('random labels come to the stated share of the training set, and to none of the held-out set; inputs stay as they are', () => {
  for (const [name, classes] of [
    ['lowRank', 4],
    ['gaussianMixture', 10],
    ['teacherNetwork', 10],
    ['spirals', 2],
    ['glyphs', 10],
  ] as const) {
    const clean = make(name, { train: 2000, heldOut: 50 });
    const random = make(name, { train: 2000, heldOut: 50, labelNoise: 0.4 });
    assert.deepEqual(random.heldOut, clean.heldOut);
    assert.deepEqual(random.train.inputs, clean.train.inputs);
    const changed = clean.train.labels!.filter((y, i) => y !== random.train.labels![i]).length / 2000;
    const expected = 0.4 * (1 - 1 / classes); // one of so many draws hits the old label
    near(changed, expected, 5 * Math.sqrt((expected * (1 - expected)) / 2000), name);
  }
});

test('sphere: unit norms to rounding, no direction preferred, signs even', () => {
  const { train } = make('sphere', { inputs: 5, train: 4000 });
  for (const x of rows(train)) near(dot(x, x), 1, 1e-14);
  for (let j = 0; j < 5; j++) {
    near(mean(rows(train).map((x) => x[j]!)), 0, 5 * Math.sqrt(1 / 5 / 4000));
    near(mean(rows(train).map((x) => x[j]! ** 2)), 1 / 5, 5 * Math.sqrt(8 / 175 / 4000)); // Var x² = 2(d-1)/(d²(d+2))
    near(mean(rows(train).map((x) => x[j]! * x[(j + 1) % 5]!)), 0, 5 * Math.sqrt(1 / 35 / 4000)); // E x²y² = 1/(d(d+2))
  }
  near(mean([...train.values!]), 0, 5 / Math.sqrt(4000));
});

test('sphere of a subspace: unit norms, exactly d′ dimensions, no direction of them preferred, and their number is bounded', () => {
  const { train, heldOut } = make('sphere', { inputs: 12, rank: 3, train: 3000 });
  const basis = span(rows(train));
  assert.equal(basis.length, 3);
  for (const x of [...rows(train), ...rows(heldOut)]) {
    near(dot(x, x), 1, 1e-13);
    near(Math.hypot(...without(x, basis)), 0, 1e-12);
  }
  for (const q of basis) near(mean(rows(train).map((x) => dot(x, q) ** 2)), 1 / 3, 5 * Math.sqrt(4 / 45 / 3000)); // 2(d′-1)/(d′²(d′+2))
  assert.deepEqual(make('sphere', { inputs: 12, rank: 0 }), make('sphere', { inputs: 12 }));
  assert.notDeepEqual(make('sphere', { inputs: 12, rank: 3 }, 2).train.inputs, make('sphere', { inputs: 12, rank: 3 }, 3).train.inputs);
});

test('half circle: neighbours are π/n apart, half of it from the ends', () => {
  for (const n of [2, 24, 101]) {
    const { train, heldOut } = make('halfCircle', { train: n, heldOut: 40 });
    rows(train).forEach(([x, y], i) => near(Math.atan2(y!, x!), (Math.PI * (i + 0.5)) / n, 1e-14));
    for (const [x, y] of rows(heldOut)) assert.ok(y! >= 0 && Math.abs(x! ** 2 + y! ** 2 - 1) < 1e-14);
  }
});

test('Chebyshev: the values obey the recursion on an even grid from -1 to 1; noise is added to the training set alone', () => {
  const polynomial = (degree: number, x: number) => {
    let [before, now] = [1, x];
    for (let k = 1; k < degree; k++) [before, now] = [now, 2 * x * now - before];
    return now;
  };
  for (const degree of [1, 2, 4, 9]) {
    const { train, heldOut } = make('chebyshev', { degree, train: 21 });
    assert.deepEqual([train.inputs[0], train.inputs[10], train.inputs[20]], [-1, 0, 1]);
    for (let i = 1; i < 21; i++) near(train.inputs[i]! - train.inputs[i - 1]!, 0.1, 1e-15);
    for (const { inputs, values } of [train, heldOut]) inputs.forEach((x, i) => near(values![i]!, polynomial(degree, x), 1e-12));
  }
  const noisy = make('chebyshev', { train: 4000, noise: 0.5 });
  const errors = ({ inputs, values }: Data) => Array.from(inputs, (x, i) => values![i]! - polynomial(4, x));
  near(Math.sqrt(mean(errors(noisy.train).map((error) => error ** 2))), 0.5, 0.03);
  for (const error of errors(noisy.heldOut)) near(error, 0, 1e-12);
});

test('spirals: without noise every sample lies on its own arm', () => {
  const [classes, turns] = [3, 1.25];
  const { train } = make('spirals', { classes, turns, noise: 0, train: 3000 });
  // standardizing is x → (x - c)/s per coordinate: found again by least squares on the known arm, from the extreme radii
  const angle = (y: number, t: number) => 2 * Math.PI * (turns * t + y / classes);
  const arms = Array.from({ length: classes }, (_, y) =>
    Array.from({ length: 9001 }, (_, k) => 0.1 + k * 1e-4).map((t) => [t * Math.cos(angle(y, t)), t * Math.sin(angle(y, t))] as const),
  );
  // the extremes of x and y over all arms are met by samples to within their density
  const undo = [0, 1].map((axis) => {
    const ideal = arms.flat().map((point) => point[axis]!);
    const got = rows(train).map((x) => x[axis]!);
    const extremes = (values: readonly number[]) =>
      [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))] as const;
    const [[low, high], [from, to]] = [extremes(ideal), extremes(got)];
    const scale = (high - low) / (to - from);
    return (value: number) => low + (value - from) * scale;
  });
  rows(train).forEach(([x, y], i) => {
    if (i % 50) return;
    const [px, py] = [undo[0]!(x!), undo[1]!(y!)];
    const away = arms[train.labels![i]!]!.reduce((least, [ax, ay]) => Math.min(least, Math.hypot(px - ax, py - ay)), Infinity);
    assert.ok(away < 0.01, `sample ${i} is ${away} from its arm`);
  });
});

test('teacher and student: a quadratic teacher of width m* is x·M·x with M of rank m*, and its mean is the mean of 1', () => {
  const d = 5;
  for (const width of [1, 3]) {
    const { train, heldOut } = make('teacherStudent', { inputs: d, width, train: 2000, heldOut: 200 });
    // the d(d+1)/2 entries of M by least squares on as many samples, then judged on others
    const features = (x: readonly number[]) => x.flatMap((a, i) => x.slice(i).map((b, j) => (j === 0 ? 1 : 2) * a * b));
    const size = (d * (d + 1)) / 2;
    const solution = solve(
      Array.from({ length: size }, (_, i) => features(row(train, i))),
      Array.from(train.values!.subarray(0, size)),
    );
    for (let i = 0; i < 200; i++) near(dot(features(row(heldOut, i)), solution), heldOut.values![i]!, 1e-8);
    const matrix = Array.from({ length: d }, () => new Array<number>(d).fill(0));
    let at = 0;
    for (let i = 0; i < d; i++) for (let j = i; j < d; j++) matrix[i]![j] = matrix[j]![i] = solution[at++]!;
    assert.equal(span(matrix, 1e-7).length, width);
    const trace = matrix.reduce((sum, line, i) => sum + line[i]!, 0);
    near(mean([...train.values!]), trace, 5 * Math.sqrt(2 / 2000) * trace);
  }
});

test('teacher and student: noise is on the training values alone, and every activation and readout makes another teacher', () => {
  const clean = make('teacherStudent', { train: 4000 });
  const noisy = make('teacherStudent', { train: 4000, noise: 0.3 });
  assert.deepEqual(noisy.heldOut, clean.heldOut);
  const errors = Array.from(noisy.train.values!, (value, i) => value - clean.train.values![i]!);
  near(mean(errors), 0, (5 * 0.3) / Math.sqrt(4000));
  near(Math.sqrt(mean(errors.map((error) => error ** 2))), 0.3, 0.02);
  const linear = make('teacherStudent', { teacher: 'linear', width: 8, readout: 'signs', inputs: 3 });
  const weights = solve(
    [0, 1, 2].map((i) => row(linear.train, i)),
    Array.from(linear.train.values!.subarray(0, 3)),
  );
  rows(linear.heldOut).forEach((x, i) => near(dot(x, weights), linear.heldOut.values![i]!, 1e-10));
  for (const teacher of ['relu', 'tanh'])
    assert.notDeepEqual(make('teacherStudent', { teacher }).train.values, clean.train.values!.subarray(0, 500));
});

/** Gauss elimination with pivots. */
function solve(matrix: number[][], right: number[]): number[] {
  const a = matrix.map((line, i) => [...line, right[i]!]);
  for (let k = 0; k < a.length; k++) {
    const pivot = a.slice(k).reduce((best, line, i) => (Math.abs(line[k]!) > Math.abs(a[best]![k]!) ? k + i : best), k);
    [a[k], a[pivot]] = [a[pivot]!, a[k]!];
    for (let i = 0; i < a.length; i++) {
      if (i === k) continue;
      const factor = a[i]![k]! / a[k]![k]!;
      a[i] = a[i]!.map((value, j) => value - factor * a[k]![j]!);
    }
  }
  return a.map((line, i) => line.at(-1)! / line[i]!);
}

const refusal = (value: unknown) => {
  try {
    parseSpec(value);
    return [];
  } catch (error) {
    assert.ok(error instanceof SpecError);
    return error.issues.map(({ path, message }) => `${path}: ${message}`);
  }
};

test('contradictory, oversized and mismatched data are refused at the door', () => {
  const refused = (value: unknown, message: RegExp) => assert.match(refusal(value).join('; '), message);
  refused({ dataset: { kind: 'lowRank', inputs: 8, rank: 9 } }, /dataset.rank: must be at most the 8 inputs, got 9/);
  refused(
    { dataset: { kind: 'gaussianMixture', inputs: 4096, train: 200_000 } },
    /dataset: must hold at most 100000000 numbers, got 823296000/,
  );
  refused({ dataset: { kind: 'sphere', inputs: 4, rank: 5 }, batchSize: 10 }, /dataset.rank: must be at most the 4 inputs, got 5/);
  refused({ dataset: { kind: 'sphere', rank: 1 }, batchSize: 10 }, /dataset.rank: must be 0 or at least 2, got 1/);
  refused({ dataset: 'sphere', batchSize: 10 }, /loss: softmaxCrossEntropy takes labels, but the data set sphere has values/);
  refused(
    { dataset: 'chebyshev', batchSize: 10, loss: 'hinge' },
    /hinge takes values that are -1 or 1, but those of chebyshev are any numbers/,
  );
  refused(
    { dataset: 'sphere', batchSize: 10, loss: 'logistic' },
    /logistic takes values that are from 0 to 1, but those of sphere are -1 or 1/,
  );
  for (const loss of ['meanSquaredError', 'hinge', { kind: 'logistic', coding: 'signs' }])
    assert.deepEqual(refusal({ dataset: 'halfCircle', batchSize: 10, loss }), []);
  for (const dataset of [
    { kind: 'sphere', inputs: 1 },
    { kind: 'lowRank', labelNoise: 2 },
    { kind: 'spirals', turns: NaN },
    { kind: 'chebyshev', degree: 1.5 },
  ])
    assert.equal(
      refusal({
        dataset,
        loss: dataset.kind === 'lowRank' || dataset.kind === 'spirals' ? 'softmaxCrossEntropy' : 'meanSquaredError',
        batchSize: 8,
      }).length,
      1,
    );
});
