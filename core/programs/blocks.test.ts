/** @file Blocks, Gauss-Newton and Fisher products against dense Hessians by columns and loops over examples, in float64. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cotangents, hessianVector } from '../graph/differentiate.ts';
import { evaluate, planEvaluation } from '../graph/evaluate.ts';
import { sizeOf, type Node, type Values } from '../graph/node.ts';
import { rng } from '../rng.ts';
import { curvatureObjective } from './curvature.ts';
import { dimension, type LayeredObjective } from './lanczos.ts';
import { fisherMatrix, ggnMatrix, hessianMatrix, modelFisherMatrix } from './matrices.ts';
import { initialWeights, planRun } from './plan.ts';
import { smallSpec } from './steps.fixture.ts';

const rows = 6;

/** A random network of the family, its objective and values for all its inputs. */
function drawn(spec: Record<string, unknown>, seed: number) {
  const plan = planRun(smallSpec(spec), {
    inputs: 5,
    outputs: 3,
    targets: spec.loss === 'meanSquaredError' || spec.loss === 'logistic' ? 'values' : 'labels',
  });
  const objective = curvatureObjective(plan, rows);
  const random = rng(seed, 'test');
  const draw = (n: number) => Float64Array.from({ length: n }, () => random.normal());
  const weights = initialWeights(plan);
  const values: Record<string, Values> = {
    curvatureInputs: draw(rows * 5),
    curvatureTargets: plan.data.targets === 'labels' ? Int32Array.from({ length: rows }, () => random.integer(3)) : draw(rows * 3),
  };
  for (const { name, input } of objective.parameters)
    values[name] = weights.get(name)!.map((value, i) => value + 0.4 * draw(sizeOf(input.shape))[i]!);
  const size = dimension(objective);
  const layerOf = objective.members.flatMap((of, stack) => {
    const length = sizeOf(objective.parameters[stack]!.input.shape) / of.length;
    return of.flatMap(({ layer }) => new Array<number>(length).fill(layer));
  });
  const split = (vector: Float64Array): Node[] => {
    let offset = 0;
    return objective.parameters.map(({ input }) =>
      objective.g.constant(vector.slice(offset, (offset += sizeOf(input.shape))), input.shape),
    );
  };
  const apply = (product: (vectors: Node[]) => Node[]) => (vector: Float64Array) =>
    Float64Array.from(evaluate(product(split(vector)), values).flatMap((part) => Array.from(part)));
  return { objective, values, size, layerOf, apply, draw };
}

const inputsOf = ({ parameters }: LayeredObjective) => parameters.map(({ input }) => input);
const columns = (size: number, product: (v: Float64Array) => Float64Array) =>
  Array.from({ length: size }, (_, j) => product(Float64Array.from({ length: size }, (_, i) => (i === j ? 1 : 0))));
const largest = (matrix: readonly Float64Array[]) => Math.max(...matrix.flatMap((column) => Array.from(column, Math.abs)));
const near = (got: Float64Array, want: Float64Array, scale: number) =>
  got.forEach((value, i) => assert.ok(Math.abs(value - want[i]!) < 1e-9 * scale, `entry ${i}: ${value} against ${want[i]}`));

const families: [title: string, spec: Record<string, unknown>][] = [
  ['chain', { network: { kind: 'mlpChain', depth: 3, width: 4 } }],
  ['chain without stacks', { network: { kind: 'mlpChain', depth: 1, width: 3 } }],
  ['chain with batch normalization', { network: { kind: 'mlpChain', depth: 2, width: 4, normalization: 'batchNorm' } }],
  ['chain with layer normalization', { network: { kind: 'mlpChain', depth: 2, width: 4, normalization: 'layerNorm' } }],
  ['residual, one matrix a branch', { network: { kind: 'resnet', depth: 3, width: 3, branch: 'res1' } }],
  ['residual, two matrices a branch', { network: { kind: 'resnet', depth: 2, width: 3, branch: 'res3' } }],
  ['residual, normalized', { network: { kind: 'resnet', depth: 2, width: 3, branch: 'res3', normalization: 'batchNorm' } }],
  ['chain under squared error', { network: { kind: 'mlpChain', depth: 2, width: 4 }, loss: 'meanSquaredError' }],
];

for (const [title, family] of families)
  for (const activation of ['tanh', 'relu', 'gelu', 'leakyRelu'])
    test(`${title}, ${activation}: every block of the product equals the dense Hessian's`, () => {
      const { objective, size, layerOf, apply, draw } = drawn({ ...family, activation }, 11);
      const dense = columns(
        size,
        apply((vectors) => hessianVector(objective.g, objective.loss, inputsOf(objective), vectors)),
      );
      const scale = largest(dense);
      assert.ok(scale > 1e-3, 'the network is alive');
      const { triangle, columns: byColumns, columnCount } = hessianMatrix;
      const count = columnCount(objective);
      assert.equal(count, /relu/i.test(activation) && !/normaliz/.test(title) ? 3 : null);
      const products = [triangle, ...(count ? [byColumns] : [])];
      const vector = draw(size);
      const expected = vector.map((_, i) => vector.reduce((sum, v, j) => sum + (layerOf[i] === layerOf[j] ? dense[j]![i]! * v : 0), 0));
      for (const product of products) near(apply((vectors) => product(objective, vectors))(vector), expected, scale);
    });

for (const [title, family] of families)
  for (const activation of ['tanh', 'relu'])
    test(`${title}, ${activation}: every block of Gauss-Newton and both Fisher matrices equals that of the whole matrix by columns`, () => {
      const { objective, size, layerOf, apply, draw } = drawn({ ...family, activation }, 15);
      for (const { name, product, triangle, columns: byColumns, columnCount } of [ggnMatrix, fisherMatrix, modelFisherMatrix]) {
        const dense = columns(
          size,
          apply((vectors) => product(objective, vectors)),
        );
        const count = columnCount(objective);
        // a normalization's own scale acts behind the pre-activation
        assert.equal(count, /normaliz/.test(title) ? null : name === 'fisher' ? 1 : 3, `${name}: columns`);
        const vector = draw(size);
        const expected = vector.map((_, i) => vector.reduce((sum, v, j) => sum + (layerOf[i] === layerOf[j] ? dense[j]![i]! * v : 0), 0));
        for (const blocks of [triangle, ...(count ? [byColumns] : [])])
          near(apply((vectors) => blocks(objective, vectors))(vector), expected, Math.max(largest(dense), 1e-3));
      }
    });

for (const [title, family] of families)
  test(`${title}: Gauss-Newton is positive semidefinite, symmetric, and with the remainder makes the Hessian`, () => {
    const { objective, size, apply, draw } = drawn({ ...family, activation: 'tanh' }, 12);
    const { g, loss, outputs } = objective;
    const inputs = inputsOf(objective);
    const gaussNewton = apply((vectors) => ggnMatrix.product(objective, vectors));
    const hessian = apply((vectors) => hessianVector(g, loss, inputs, vectors));
    // the remainder: second derivatives of ⟨c, outputs⟩ with the loss' slope c held still
    const [slope] = cotangents(g, [loss], [g.constant(1)], [outputs]);
    const remainder = apply((vectors) => hessianVector(g, g.sum(g.mul(g.stopGradient(slope!), outputs)), inputs, vectors));
    const scale = Math.max(largest([gaussNewton(draw(size))]), 1e-3);
    for (let trial = 0; trial < 5; trial++) {
      const [u, v] = [draw(size), draw(size)];
      const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
      const [gu, gv] = [gaussNewton(u), gaussNewton(v)];
      assert.ok(dot(v, gv) >= -1e-9 * scale);
      assert.ok(Math.abs(dot(u, gv) - dot(v, gu)) < 1e-9 * size * scale);
      const rest = remainder(v);
      near(
        gv.map((value, i) => value + rest[i]!),
        hessian(v),
        scale,
      );
    }
  });

test('the empirical Fisher product equals the mean of the examples’ gradients’ outer products', () => {
  const { objective, values, size, apply, draw } = drawn({ activation: 'tanh' }, 13);
  const { g, each } = objective;
  const gradients = Array.from({ length: rows }, (_, n) => {
    const pick = g.constant(Float64Array.from({ length: rows }, (_, i) => (i === n ? 1 : 0)));
    const found = cotangents(g, [each], [pick], inputsOf(objective)) as Node[];
    return Float64Array.from(evaluate(found, values).flatMap((part) => Array.from(part)));
  });
  const vector = draw(size);
  const expected = new Float64Array(size);
  for (const gradient of gradients) {
    const along = gradient.reduce((sum, x, i) => sum + x * vector[i]!, 0);
    gradient.forEach((x, i) => (expected[i]! += (along * x) / rows));
  }
  near(apply((vectors) => fisherMatrix.product(objective, vectors))(vector), expected, largest([expected]));
});

/** Targets of one example that the model may draw at outputs z, with their probabilities: the label, each label in one-hot coding, normal values. */
const drawnTargets: Readonly<Record<string, (z: Float64Array) => { target: number[]; p: number }[]>> = {
  softmaxCrossEntropy: (z) => {
    const total = z.reduce((sum, value) => sum + Math.exp(value), 0);
    return Array.from(z, (value, k) => ({ target: [k], p: Math.exp(value) / total }));
  },
  logistic: (z) =>
    Array.from({ length: 2 ** z.length }, (_, bits) => {
      const target = Array.from(z, (_, k) => (bits >> k) & 1);
      return { target, p: target.reduce((p, y, k) => p / (1 + Math.exp(y ? -z[k]! : z[k]!)), 1) };
    }),
  // as many moments as the second: z ± √K along each axis has the covariance of a normal variable around z
  meanSquaredError: (z) =>
    Array.from({ length: 2 * z.length }, (_, i) => {
      const far = (i % 2 ? 1 : -1) * Math.sqrt(z.length);
      return { target: Array.from(z, (value, k) => value + (k === i >> 1 ? far : 0)), p: 1 / (2 * z.length) };
    }),
};

for (const [loss, targetsOf] of Object.entries(drawnTargets))
  test(`${loss}: the model’s Fisher product is the mean over targets that the model draws, and equals Gauss-Newton; the empirical one does not`, () => {
    const data = loss === 'softmaxCrossEntropy' ? 'gaussianMixture' : 'teacherNetwork';
    const dataset = { kind: data, ...(data === 'teacherNetwork' ? {} : { classes: 3 }), inputs: 5, train: 40, heldOut: 20 };
    const { objective, values, size, apply, draw } = drawn({ activation: 'tanh', loss, dataset }, 14);
    const { g, each, outputs } = objective;
    const slopes = Array.from({ length: rows }, (_, n) => {
      const pick = g.constant(Float64Array.from({ length: rows }, (_, i) => Number(i === n)));
      return planEvaluation(cotangents(g, [each], [pick], inputsOf(objective)) as Node[]);
    });
    const [z] = evaluate([outputs], values) as [Float64Array];
    const vector = draw(size);
    const expected = new Float64Array(size);
    slopes.forEach((slope, n) => {
      for (const { target, p } of targetsOf(z.subarray(3 * n, 3 * n + 3))) {
        const targets = values.curvatureTargets!.slice();
        targets.set(target, target.length * n);
        const gradient = evaluate(slope, { ...values, curvatureTargets: targets }).flatMap((part) => Array.from(part));
        const along = gradient.reduce((sum, x, i) => sum + x * vector[i]!, 0);
        gradient.forEach((x, i) => (expected[i]! += (p * along * x) / rows));
      }
    });
    const model = apply((vectors) => modelFisherMatrix.product(objective, vectors))(vector);
    near(model, expected, largest([expected]));
    near(apply((vectors) => ggnMatrix.product(objective, vectors))(vector), expected, largest([expected]));
    const empirical = apply((vectors) => fisherMatrix.product(objective, vectors))(vector);
    assert.ok(empirical.some((value, i) => Math.abs(value - model[i]!) > 0.01 * largest([expected])));
  });
