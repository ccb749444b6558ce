import assert from 'node:assert/strict';
import test from 'node:test';
import { families, familySpec } from '../networks/families.fixture.ts';
import { slowChain } from '../programs/slowChain.fixture.ts';
import { assertClose, norm, openSteps, smallSpec } from '../programs/steps.fixture.ts';
import { times, inverted } from './dense.fixture.ts';

type Matrix = number[][];
const options = { learningRate: 0.1, damping: 0.05, memory: 0.8, every: 2 };

test('K-FAC: five steps equal explicit inverses around the gradient, layer by layer, from loops over the examples', () => {
  const network = { kind: 'mlpChain', depth: 4, width: 4 };
  const steps = openSteps(smallSpec({ network, optimizer: { kind: 'kfac', ...options } }));
  assert.ok(
    steps.plan.stacks.some(({ members }) => members.length === 3),
    'three layers in one stack',
  );
  const { inputs, inputSize } = steps.data.train;
  const moments = new Map<string, { a: Matrix; s: Matrix }>();
  for (let t = 0; t < 5; t++) {
    const { weights, next, batch } = steps.step();
    const { gradients, activations } = slowChain(steps.plan.network, weights, steps.data.train, batch);
    const layers = steps.plan.network.layers.map(({ name }) => name);
    layers.forEach((name, l) => {
      if (t % 2 === 0) {
        const x = Array.from(batch, (row, i) =>
          l === 0 ? [...inputs.subarray(row * inputSize, (row + 1) * inputSize)] : activations[l - 1]![i]!,
        );
        // the gradient of one example with respect to a bias is its slope
        const slopes = Array.from(batch, (row) => [
          ...slowChain(steps.plan.network, weights, steps.data.train, Int32Array.of(row)).gradients.get(`${name}.bias`)!,
        ]);
        const [a, s] = [second(x), second(slopes)];
        const old = moments.get(name);
        moments.set(name, old ? { a: mixed(old.a, a), s: mixed(old.s, s) } : { a, s });
      }
      const { a, s } = moments.get(name)!;
      const right = inverted(damped(s));
      const kernel = weights.get(`${name}.weight`)!;
      const out = right.length;
      const slope = Array.from({ length: kernel.length / out }, (_, i) => [
        ...gradients.get(`${name}.weight`)!.slice(i * out, (i + 1) * out),
      ]);
      const step = times(times(inverted(damped(a)), slope), right).flat();
      assertClose(
        next.get(`${name}.weight`)!,
        kernel.map((w, i) => w - 0.1 * step[i]!),
        1e-11,
        `${name} at step ${t}`,
      );
      const bias = times([[...gradients.get(`${name}.bias`)!]], right)[0]!;
      assertClose(
        next.get(`${name}.bias`)!,
        weights.get(`${name}.bias`)!.map((b, j) => b - (0.1 * bias[j]!) / 1.05),
        1e-11,
        `bias of ${name} at step ${t}`,
      );
    });
  }
});

const second = (rows: Matrix): Matrix =>
  rows[0]!.map((_, i) => rows[0]!.map((_, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0) / rows.length));
const mixed = (old: Matrix, now: Matrix): Matrix => old.map((row, i) => row.map((value, j) => 0.8 * value + 0.2 * now[i]![j]!));
const damped = (matrix: Matrix): Matrix => matrix.map((row, i) => row.map((value, j) => value + (i === j ? 0.05 : 0)));

test('K-FAC: scales and shifts of a normalization move along their gradient; a huge damping makes gradient descent', () => {
  const network = { kind: 'mlpChain', depth: 2, width: 4, normalization: 'batchNorm' };
  const [plain, solved] = [
    openSteps(smallSpec({ network, optimizer: { kind: 'sgd', learningRate: 0.1 } })).step().next,
    openSteps(smallSpec({ network, optimizer: { kind: 'kfac', ...options } })).step().next,
  ];
  for (const [name, values] of plain)
    if (/scale|shift/.test(name)) assertClose(solved.get(name)!, values, 1e-14, name);
    else assert.notDeepEqual(solved.get(name), values);
  const damping = 1e6;
  const { next, weights } = openSteps(
    smallSpec({
      network: { kind: 'mlpChain', depth: 2, width: 4, bias: false },
      optimizer: { kind: 'kfac', learningRate: 0.1 * damping ** 2, damping },
    }),
  ).step();
  const descent = openSteps(
    smallSpec({ network: { kind: 'mlpChain', depth: 2, width: 4, bias: false }, optimizer: { kind: 'sgd', learningRate: 0.1 } }),
  ).step().next;
  for (const [name, values] of next) {
    const change = (of: Float64Array) => of.map((value, i) => value - weights.get(name)![i]!);
    assertClose(change(values), change(descent.get(name)!), 1e-5, name);
  }
});

test('K-FAC in every network family: dense layers are solved, all else moves along its gradient', () => {
  for (const [title, network, dataset] of families) {
    const one = (optimizer: object) => openSteps(familySpec(network, dataset, { optimizer })).step();
    const [solved, plain] = [one({ kind: 'kfac', ...options }), one({ kind: 'sgd', learningRate: options.learningRate })];
    const { parameters, layers } = openSteps(familySpec(network, dataset)).plan.network;
    const dense = new Set(parameters.flatMap(({ role, shape, layer }) => (role === 'weight' && shape.length === 2 ? [layer] : [])));
    for (const { name, role, layer, frozen } of parameters) {
      const same = frozen || role === 'scale' || role === 'shift' || !dense.has(layer);
      const [a, b] = [solved.next.get(name)!, plain.next.get(name)!];
      assert.ok(a.every(Number.isFinite), `${title} ${name}`);
      if (same) assertClose(a, b, 1e-14, `${title} ${name} of ${layers[layer]!.name}`);
      else if (b.some((value, i) => Math.abs(value - plain.weights.get(name)![i]!) > 1e-6))
        // a gate of 0 lets nothing through
        assert.ok(norm(a.map((value, i) => value - b[i]!)) > 1e-9, `${title} ${name}`);
    }
  }
});

test('K-FAC: layers whose factors would take the host too long are refused', () => {
  assert.throws(
    () => smallSpec({ network: { kind: 'mlpChain', depth: 2, width: 1025 }, optimizer: 'kfac' }),
    /optimizer: kfac inverts matrices of the sizes of a layer, at most 1024; layer1\.weight is \[5, 1025\]/,
  );
});
