/** @file Kernels of the probe batch against the full Jacobian, one output of one sample at a time. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { jacobiSingularValues } from '../curvature/jacobi.fixture.ts';
import { createBuilder } from '../graph/builder.ts';
import { cotangents } from '../graph/differentiate.ts';
import { evaluate, planEvaluation } from '../graph/evaluate.ts';
import { families, familySpec } from '../networks/families.fixture.ts';
import { centredTargets, gramMoment, kernelsOf, outputSeeds } from './gram.ts';
import { forwardPass, stackInputs } from './plan.ts';
import { alone, open, type Opened, type Weights } from './samples.fixture.ts';
import { samplesProgram } from './samples.ts';
import { assertClose, dot, norm } from './steps.fixture.ts';
import { hostMetrics, parameterValues } from './weights.ts';

const flat = { kind: 'gaussianMixture', classes: 3, inputs: 5, train: 24 };

function kernels({ plan, train, rows, pick, statistics, leading }: Opened, weights: Weights) {
  const run = (of: 'loss' | 'outputs') => {
    const compiled = samplesProgram(plan, rows.length, statistics, of);
    const evaluation = planEvaluation([compiled.program.records[0]!.value]);
    const feeds = {
      ...Object.fromEntries(weights),
      probeInputs: pick(train.inputs, train.inputSize, rows),
      statistics: leading,
      probeTargets: train.labels ? rows.map((row) => train.labels![row]!) : pick(train.values!, train.outputSize, rows),
    };
    const k = plan.data.outputs;
    const seeds = of === 'loss' ? [new Float64Array(k)] : Array.from({ length: k }, (_, i) => outputSeeds(plan).subarray(i * k, i * k + k));
    const records = seeds.map((seed) => evaluate(evaluation, { ...feeds, seed })[0]! as Float64Array);
    return { compiled, record: Float64Array.from(records.flatMap((record) => [...record])) };
  };
  return kernelsOf(plan, run('loss'), run('outputs'));
}

function measured(opened: Opened, now: Weights) {
  const { plan, initial, train, rows } = opened;
  const moment = gramMoment(plan, kernels(opened, now), kernels(opened, initial), centredTargets(train, rows), now);
  return Object.fromEntries(hostMetrics('gram', plan).map(({ card, gram }) => [card.name, gram!(moment)]));
}

/** For each layer (null where it is frozen) the derivative of output k of sample b by kernel and bias, at b·K + k. */
function jacobian({ plan, train, rows, pick }: Opened, weights: Weights): (number[][] | null)[] {
  const g = createBuilder('float64');
  const inputs = stackInputs(g, plan).map(({ input }) => input);
  const { outputs } = forwardPass(g, plan, inputs, g.input('x', [1, plan.data.inputs]), 0);
  const slopes = cotangents(g, [outputs], [g.input('seed', [1, plan.data.outputs])], inputs).map(
    (d, i) => d ?? g.constant(0, inputs[i]!.shape),
  );
  const evaluation = planEvaluation(slopes);
  const all = Array.from(rows).flatMap((row) =>
    Array.from({ length: plan.data.outputs }, (_, k) => {
      const seed = Float64Array.from({ length: plan.data.outputs }, (_, j) => Number(j === k));
      const found = evaluate(evaluation, { ...Object.fromEntries(weights), x: pick(train.inputs, train.inputSize, [row]), seed });
      return parameterValues(plan, new Map(plan.stacks.map(({ name }, i) => [name, found[i]!])));
    }),
  );
  return plan.network.layers.map((_, layer) => {
    const own = plan.network.parameters.filter((p) => p.layer === layer && (p.role === 'weight' || p.role === 'bias'));
    return own[0]!.frozen ? null : all.map((of) => own.flatMap((parameter) => [...of(parameter)]));
  });
}
const gramOf = (rows: readonly number[][], samples: number): number[] => {
  const outputs = rows.length / samples;
  const at = (b: number, k: number) => rows[b * outputs + k]!;
  return Array.from({ length: samples ** 2 }, (_, i) =>
    Array.from({ length: outputs }, (_, k) => dot(at(Math.floor(i / samples), k), at(i % samples, k))).reduce(
      (sum, value) => sum + value,
      0,
    ),
  );
};
/** Eigenvalues of a positive semidefinite matrix are its singular values. */
const eigenvalues = (matrix: readonly number[], n: number) =>
  jacobiSingularValues({ rows: n, columns: n, values: Float64Array.from(matrix) });
const difference = (a: readonly number[], b: readonly number[]) => norm(a.map((value, i) => value - b[i]!)) / norm(b);

test('every kernel metric equals what the full Jacobian says, in every family whose samples do not mix', () => {
  for (const [title, network, dataset] of families.filter(
    ([, { normalization, kind }]) => normalization !== 'batchNorm' && !(kind === 'convolutionalResnet' && normalization === undefined),
  )) {
    const opened = open(familySpec(network, dataset, { metrics: { probeSize: 6 } }));
    const { plan, now, initial, rows, train } = opened;
    const n = rows.length;
    const [found, after, before] = [measured(opened, now), jacobian(opened, now), jacobian(opened, initial)];
    const total = (layers: (number[][] | null)[]) =>
      layers.reduce<number[]>(
        (sum, layer) => (layer ? gramOf(layer, n).map((value, i) => value + sum[i]!) : sum),
        new Array<number>(n * n).fill(0),
      );
    const [gram, start] = [total(after), total(before)];
    const spectrum = eigenvalues(gram, n);
    const targets = Array.from(rows, (row) => Array.from({ length: plan.data.outputs }, (_, k) => Number(train.labels![row] === k)));
    const y = targets.map((target) => target.map((value, k) => value - targets.reduce((sum, other) => sum + other[k]!, 0) / n));
    const along = y.flatMap((a, b) => y.map((other, c) => dot(a, other) * gram[b * n + c]!)).reduce((sum, value) => sum + value, 0);
    const ends = after.map((layer) => (layer ? eigenvalues(gramOf(layer, n), n) : [NaN]));
    const features = [now, initial].map((weights) => {
      const each = Array.from(rows, (row) => alone(opened, weights, row));
      return plan.network.layers.map((_, layer) =>
        each.flatMap((a) => each.map((b) => dot(a.activation(layer), b.activation(layer)) / a.activation(layer).length)),
      );
    });
    const expected: Record<string, number[]> = {
      gramEigenvalues: spectrum,
      gramSmallest: [spectrum.at(-1)!],
      gramLargest: [spectrum[0]!],
      gramTrace: [spectrum.reduce((sum, value) => sum + value, 0)],
      gramRank: [spectrum.reduce((sum, value) => sum + value, 0) ** 2 / norm(spectrum) ** 2],
      gramAlignment: [along / (norm(y.flat()) ** 2 * norm(gram))],
      gramDrift: [difference(gram, start)],
      layerGramLargest: ends.map((values) => values[0]!),
      layerGramSmallest: ends.map((values) => values.at(-1)!),
      featureKernelLargest: features[0]!.map((kernel) => eigenvalues(kernel, n)[0]!),
      featureKernelSmallest: features[0]!.map((kernel) => eigenvalues(kernel, n).at(-1)!),
      featureKernelDrift: features[0]!.map((kernel, layer) => difference(kernel, features[1]![layer]!)),
    };
    assert.deepEqual(
      Object.keys(found)
        .filter((name) => name !== 'gramCondition')
        .sort(),
      Object.keys(expected).sort(),
    );
    for (const [name, values] of Object.entries(expected)) {
      const known = values.flatMap((value, i) => (Number.isNaN(value) ? [] : [i]));
      assertClose(
        known.map((i) => found[name]![i]!),
        known.map((i) => values[i]!),
        1e-9,
        `${title}: ${name}`,
      );
      values.forEach((value, i) => assert.equal(Number.isNaN(found[name]![i]), Number.isNaN(value), `${title}: ${name}[${i}]`));
    }
  }
});

test('a kernel is singular exactly when the samples outnumber what it can tell apart, and the condition is infinite then', () => {
  const few = open(
    familySpec(
      { kind: 'mlpChain', depth: 1, width: 2, bias: false },
      { ...flat, inputs: 2 },
      { activation: 'linear', metrics: { probeSize: 12 } },
    ),
  );
  const found = measured(few, few.now);
  assert.equal(found.gramSmallest![0], 0);
  assert.equal(found.gramCondition![0], Infinity);
  assert.equal(found.gramEigenvalues!.filter((value) => value > 0).length, 2); // G = (xᵢ·xⱼ) c
  assert.ok(measured(few, few.initial).gramDrift![0] === 0);
});

test('the dimension of a family of polynomials: linear chains, quadratic forms, and not for other networks', () => {
  const of = (network: object, activation: unknown, inputs: number, dataset: object = flat, changes: object = {}) => {
    const opened = open(familySpec(network, { ...dataset, inputs }, { activation, ...changes }));
    return measured(opened, opened.now).functionDimension?.[0];
  };
  // all 3 x 2 matrices of rank 2: r (n + m - r)
  assert.equal(of({ kind: 'mlpChain', depth: 1, width: 2, bias: false }, 'linear', 4), 2 * (4 + 3 - 2));
  assert.equal(of({ kind: 'mlpChain', depth: 1, width: 9, bias: false }, 'linear', 4), 12);
  // a wide hidden layer of squares: all triples of quadratic forms in 3 variables
  assert.equal(of({ kind: 'mlpChain', depth: 1, width: 12, bias: false }, 'quadratic', 3), 3 * 6);
  // with biases inside: all polynomials of degree two in 2 variables
  assert.equal(of({ kind: 'mlpChain', depth: 1, width: 10, bias: true }, 'quadratic', 2), 3 * 6);
  // deeper, as arithmetic modulo 2^61 - 1 has them: 28 powers of one number, and quadratics in two
  const alone = (network: object, activation: string, inputs: number) =>
    of(network, activation, inputs, { kind: 'teacherStudent', train: 24 }, { loss: 'meanSquaredError' });
  assert.equal(alone({ kind: 'mlpChain', depth: 3, width: 6 }, 'cubic', 1), 28);
  assert.equal(alone({ kind: 'mlpChain', depth: 3, width: 5 }, 'quadratic', 2), 45);
  assert.equal(alone({ kind: 'mlpChain', depth: 2, width: 5 }, 'quadratic', 2), 15);
  assert.equal(of({ kind: 'nystrom' }, 'quadratic', 2), undefined);
  assert.equal(of({ kind: 'mlpChain', depth: 1, width: 4, bias: true }, 'tanh', 2), undefined);
  assert.equal(of({ kind: 'mlpChain', depth: 1, width: 400, bias: true }, 'quadratic', 2), undefined);
});

test('broken weights say NaN', () => {
  const opened = open(familySpec({ kind: 'mlpChain', depth: 1, width: 3 }, flat, { activation: 'quadratic', metrics: { probeSize: 4 } }));
  const broken = new Map([...opened.now].map(([name, values]) => [name, values.map(() => NaN)]));
  for (const [name, values] of Object.entries(measured(opened, broken))) assert.ok(values.every(Number.isNaN), `${name}: ${values}`);
});
