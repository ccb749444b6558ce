/** @file Gauss-Newton by the small Gram matrix: what a step does to the residual, in every network family. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { createBuilder } from '../graph/builder.ts';
import { gradient } from '../graph/differentiate.ts';
import { evaluate } from '../graph/evaluate.ts';
import { families, familySpec } from '../networks/families.fixture.ts';
import { forwardPass, stackInputs } from '../programs/plan.ts';
import { assertClose, openSteps, smallSpec, type Stepped, type Steps } from '../programs/steps.fixture.ts';
import { rng } from '../rng.ts';
import { inverted, times } from './dense.fixture.ts';
import { inverse, solved } from './positiveDefinite.ts';

/** Change of all weights by the damped normal equations of W = m^a w: (JᵀJ + λI) Δ = Jᵀ(f - y), J from one gradient per output. */
function normalEquations({ plan, data: { train } }: Steps, { weights, batch }: Stepped, damping: number): Map<string, number[]> {
  const g = createBuilder('float64');
  const stacks = stackInputs(g, plan);
  const x = g.input('x', [batch.length, train.inputSize]);
  const nodes = stacks.map(({ input }) => input);
  const { outputs } = forwardPass(g, plan, nodes, x, batch.length);
  const flat = g.reshape(outputs, [-1]);
  const feeds = Object.fromEntries(
    plan.stacks.map(({ name, members }) => [name, Float64Array.from(members.flatMap((of) => [...weights.get(of.name)!]))]),
  );
  // no column for a frozen weight, so that its change is 0
  const rows = Array.from({ length: flat.shape[0]! }, (_, i) =>
    gradient(g, g.slice(flat, 0, i, i + 1), nodes).map((slope, s) => (plan.stacks[s]!.frozen ? g.mul(slope, 0) : slope)),
  );
  const values = evaluate([outputs, ...rows.flat()], {
    ...feeds,
    x: Float64Array.from([...batch].flatMap((row) => [...train.inputs.subarray(row * train.inputSize, (row + 1) * train.inputSize)])),
  });
  const units = plan.stacks.flatMap(({ members }) =>
    members.flatMap((of) => new Array<number>(weights.get(of.name)!.length).fill(plan.scalings.get(of)!.unit)),
  );
  const jacobian = rows.map((_, i) => nodes.flatMap((_, s) => [...values[1 + i * nodes.length + s]!]).map((slope, p) => slope / units[p]!));
  const classes = train.outputSize;
  const residual = Array.from(values[0]!, (f, i) => f - (train.labels![batch[Math.floor(i / classes)]!] === i % classes ? 1 : 0));
  const size = jacobian[0]!.length;
  const normal = Array.from({ length: size }, (_, p) =>
    Array.from({ length: size }, (_, q) => jacobian.reduce((sum, row) => sum + row[p]! * row[q]!, p === q ? damping : 0)),
  );
  const pulled = Array.from({ length: size }, (_, p) => [jacobian.reduce((sum, row, i) => sum + row[p]! * residual[i]!, 0)]);
  const change = times(inverted(normal), pulled)
    .flat()
    .map((value, p) => value / units[p]!);
  const changes = new Map<string, number[]>();
  let offset = 0;
  for (const { members } of plan.stacks)
    for (const { name } of members) changes.set(name, change.slice(offset, (offset += weights.get(name)!.length)));
  return changes;
}

for (const network of [
  { kind: 'mlpChain', depth: 3, width: 4 },
  { kind: 'mlpChain', depth: 2, width: 4, normalization: 'batchNorm' },
  { kind: 'resnet', depth: 2, width: 3 },
  { kind: 'twoLayer', width: 4, trained: 'hidden' },
  { kind: 'twoLayer', width: 4, trained: 'readout' },
])
  test(`Gauss-Newton: three steps of ${network.kind} ${network.normalization ?? network.trained ?? ''} equal the dense normal equations`, () => {
    const optimizer = { kind: 'gaussNewton', learningRate: 0.7, damping: 0.3 };
    const steps = openSteps(smallSpec({ network, loss: 'meanSquaredError', optimizer }));
    for (let t = 0; t < 3; t++) {
      const stepped = steps.step();
      for (const [name, change] of normalEquations(steps, stepped, 0.3))
        assertClose(
          stepped.next.get(name)!,
          stepped.weights.get(name)!.map((w, i) => w - 0.7 * change[i]!),
          1e-9,
          `${name} at step ${t}`,
        );
    }
  });

for (const parameterization of ['ntk', 'meanField', 'muP', 'ip', 'ipLlr'])
  test(`Gauss-Newton under ${parameterization} solves for W, and a coupled decay shrinks every layer by ηλ`, () => {
    const network = { kind: 'mlpChain', depth: parameterization === 'meanField' ? 1 : 2, width: 5, bias: true };
    const optimizer = { kind: 'gaussNewton', learningRate: 0.7, damping: 0.3 };
    const regularizer = { kind: 'l2', coefficient: 0.1 };
    const steps = openSteps(smallSpec({ network, loss: 'meanSquaredError', optimizer, parameterization, regularizer }));
    for (let t = 0; t < 3; t++) {
      const stepped = steps.step();
      for (const [name, change] of normalEquations(steps, stepped, 0.3))
        assertClose(
          stepped.next.get(name)!,
          stepped.weights.get(name)!.map((w, i) => w - 0.7 * (change[i]! + (name.endsWith('weight') ? 0.1 * w : 0))),
          1e-9,
          `${name} at step ${t}`,
        );
    }
  });

test('Gauss-Newton in every network family: where J has full rank a small damping removes the residual to first order', () => {
  for (const [title, of, dataset] of families) {
    const network = { ...of, ...('rate' in of ? { rate: 0 } : {}), ...('stochasticDepth' in of ? { stochasticDepth: false } : {}) };
    const loss = (learningRate: number) => {
      const optimizer = { kind: 'gaussNewton', learningRate, damping: 1e-6 };
      const steps = openSteps(familySpec(network, dataset, { optimizer, loss: 'meanSquaredError', batchSize: 2 }));
      const { next, metrics } = steps.step();
      const again = openSteps(familySpec(network, dataset, { optimizer, loss: 'meanSquaredError', batchSize: 2 }));
      for (const [name, values] of next) again.set(name, values);
      return [metrics.loss![0]!, again.step().metrics.loss![0]!] as const;
    };
    const [before, after] = loss(1e-5); // f - y shrinks by 1 - η, the loss by its square
    const share = (before - after) / before / 2e-5;
    assert.ok(share > 0.3 && share < 1.01, `${title}: ${share}`);
  }
});

test('Gauss-Newton fits 40 examples in 20 steps', () => {
  const spec = smallSpec({
    network: { kind: 'mlpChain', depth: 2, width: 30 },
    loss: 'meanSquaredError',
    optimizer: { kind: 'gaussNewton', damping: 1e-2 },
    batchSize: 40,
  });
  const steps = openSteps(spec);
  const losses = Array.from({ length: 20 }, () => steps.step().metrics.loss![0]!);
  assert.ok(losses.at(-1)! < 1e-6 * losses[0]!, losses.join(' '));
});

test('Gauss-Newton wants the squared error, few outputs a batch and no dropout', () => {
  const spec = (changes: object) => smallSpec({ loss: 'meanSquaredError', optimizer: 'gaussNewton', ...changes });
  assert.ok(spec({}));
  assert.throws(() => spec({ loss: 'softmaxCrossEntropy' }), /loss: gaussNewton takes meanSquaredError, got softmaxCrossEntropy/);
  const data = { kind: 'gaussianMixture', classes: 3, inputs: 5, train: 400, heldOut: 20 };
  assert.throws(
    () => spec({ dataset: data, batchSize: 167 }),
    /batchSize: times the 3 outputs must be at most 500 for gaussNewton, got 501/,
  );
  assert.throws(() => spec({ regularizer: { kind: 'dropout', rate: 0.1 } }), /regularizer: .*dropout must be 0/);
  assert.throws(() => spec({ network: { kind: 'icChain', rate: 0.1 } }), /network: .*leaves out must be 0, got 0\.1/);
  assert.ok(spec({ network: { kind: 'icChain', rate: 0 } }));
});

test('Cholesky solves and inverts as elimination does; what is not positive definite gives NaN', () => {
  const random = rng(2, 'test');
  for (const n of [1, 2, 7, 30]) {
    const root = Array.from({ length: n }, () => Array.from({ length: n }, () => random.normal()));
    const a = times(
      root,
      root[0]!.map((_, j) => root.map((row) => row[j]!)),
    );
    const b = Array.from({ length: n }, () => random.normal());
    const exact = inverted(a.map((row, i) => row.map((value, j) => value + (i === j ? 0.1 : 0))));
    assertClose(inverse(Float64Array.from(a.flat()), n, 0.1), exact.flat(), 1e-10, 'inverse');
    assertClose(
      solved(Float64Array.from(a.flat()), Float64Array.from(b), 0.1),
      times(
        exact,
        b.map((value) => [value]),
      ).flat(),
      1e-10,
      'solution',
    );
  }
  assert.ok(inverse(Float64Array.of(1, 2, 2, 1), 2, 0).every(Number.isNaN));
});
