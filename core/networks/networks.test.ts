/** @file Networks against their formulas in loops: outputs tap by tap, scale invariance, kernels and biases. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { createBuilder } from '../graph/builder.ts';
import { evaluate } from '../graph/evaluate.ts';
import { sizeOf } from '../graph/node.ts';
import { assertClose, norm } from '../programs/steps.fixture.ts';
import { defaults } from '../catalog.ts';
import { rng } from '../rng.ts';
import { drawWithVariance } from '../inits/distributions.ts';
import type { Options } from '../define.ts';
import { networks } from './index.ts';

type Kernels = ReadonlyMap<string, Float64Array>;

/** Weights of a plan from an init, scales near 1 and all else near 0, by `other`; and its forward pass by the graph: outputs and activations of every layer. */
function forward(
  kind: 'mlpChain' | 'resnet',
  options: object,
  { inputs, outputs, batch, seed = 1, other = 0 }: { inputs: number; outputs: number; batch: number; seed?: number; other?: number },
) {
  const plan = networks[kind].plan({ ...defaults('network', kind), ...options } as Options, { inputs, outputs });
  const g = createBuilder('float64');
  const x = g.input('x', [batch, inputs]);
  const weights: Kernels = new Map(
    plan.parameters.map((parameter, i) => [
      parameter.name,
      parameter.role === 'weight'
        ? drawWithVariance(rng(seed, 'init', i), parameter.shape, 1 / parameter.fanIn, { kind: 'lecun', distribution: 'uniform' })
        : Float64Array.from(
            { length: sizeOf(parameter.shape) },
            (_, at) => (parameter.role === 'scale' ? 1 : 0) + other * Math.sin(1 + i + at),
          ),
    ]),
  );
  const nodes = new Map(plan.parameters.map(({ name, shape }) => [name, g.input(name, shape)]));
  const pass = plan.forward(g, {
    x,
    parameter: (name) => nodes.get(name)!,
    activation: (node) => g.relu(node),
    dropout: (node) => node,
    statisticsRows: batch,
  });
  const random = rng(seed, 'data');
  const values = Float64Array.from({ length: batch * inputs }, () => random.uniform());
  const results = evaluate([pass.outputs, ...pass.taps.map(({ activation }) => activation)], { x: values, ...Object.fromEntries(weights) });
  return { plan, weights, x: values, outputs: results[0]!, activations: results.slice(1) };
}

/** x [in] times a kernel [in, out]. */
const times = (x: readonly number[], kernel: Float64Array): number[] => {
  const out = kernel.length / x.length;
  return Array.from({ length: out }, (_, j) => x.reduce((sum, value, i) => sum + value * kernel[i * out + j]!, 0));
};
const relu = (x: readonly number[]) => x.map((value) => Math.max(0, value));

for (const branch of ['res1', 'res3'])
  test(`${branch}: the residual network equals its formula in loops, tap by tap`, () => {
    const [depth, beta] = [3, 0.5];
    const { weights, x, outputs, activations, plan } = forward(
      'resnet',
      { depth, width: 5, branch, beta },
      { inputs: 4, outputs: 2, batch: 3 },
    );
    const kernel = (name: string) => weights.get(`${name}.weight`)!;
    for (let b = 0; b < 3; b++) {
      let h = times([...x.slice(4 * b, 4 * b + 4)], kernel('input'));
      const taps = [h];
      for (let k = 1; k <= depth; k++) {
        const inner = branch === 'res3' ? relu(times(h, kernel(`block${k}.w`))) : relu(h);
        if (branch === 'res3') taps.push(inner);
        h = times(inner, kernel(`block${k}.v`)).map((value, i) => h[i]! + depth ** -beta * value);
        taps.push(h);
      }
      const f = times(h, kernel('readout'));
      assertClose(outputs.slice(2 * b, 2 * b + 2), f, 1e-13);
      [...taps, f].forEach((row, l) =>
        assertClose(activations[l]!.slice(row.length * b, row.length * (b + 1)), row, 1e-13, plan.layers[l]!.name),
      );
    }
  });

for (const branch of ['res1', 'res3'])
  test(`${branch} with the scalars of Fixup: a number before and after each kernel and a factor of the branch, in loops`, () => {
    const options = { depth: 2, width: 5, branch, beta: 0, scalars: true };
    const { weights, x, outputs } = forward('resnet', options, { inputs: 4, outputs: 2, batch: 3, other: 0.5 });
    const mapped = (values: readonly number[], name: string, factor = 1) => {
      const [before, after] = weights.get(`${name}.shifts`)!;
      return times(
        values.map((value) => value + before!),
        weights.get(`${name}.weight`)!,
      ).map((value) => factor * value + after!);
    };
    for (let b = 0; b < 3; b++) {
      let h = times([...x.slice(4 * b, 4 * b + 4)], weights.get('input.weight')!);
      for (const block of ['block1', 'block2']) {
        const inner = relu(branch === 'res3' ? mapped(h, `${block}.w`) : h);
        h = mapped(inner, `${block}.v`, weights.get(`${block}.gate`)![0]!).map((value, i) => h[i]! + value);
      }
      assertClose(outputs.slice(2 * b, 2 * b + 2), times(h, weights.get('readout.weight')!), 1e-13);
    }
    const started = forward('resnet', options, { inputs: 4, outputs: 2, batch: 3 });
    assert.deepEqual([...started.weights.get('block2.gate')!, ...started.weights.get('block2.v.shifts')!], [1, 0, 0]);
    assert.throws(() => forward('resnet', { ...options, gate: true }, { inputs: 4, outputs: 2, batch: 3 }), /leave out the gate/);
    assert.throws(
      () => forward('resnet', { ...options, normalization: 'batchNorm' }, { inputs: 4, outputs: 2, batch: 3 }),
      /normalization none/,
    );
  });

test('E‖h_L‖²/‖h_0‖² of a residual network: near √e for β = ½, near 1 for β = 1, exploding for β = ¼', () => {
  // each block adds L^{-2β} E‖V φ(W h)‖² = L^{-2β} ‖h‖²/2 on average, so the ratio is (1 + L^{-2β}/2)^L
  for (const beta of [0.25, 0.5, 1]) {
    const depth = 30;
    let mean = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const { activations } = forward('resnet', { depth, width: 16, beta }, { inputs: 16, outputs: 1, batch: 1, seed });
      mean += (norm(activations.at(-2)!) / norm(activations[0]!)) ** 2 / 60;
    }
    const law = (1 + depth ** (-2 * beta) / 2) ** depth;
    assert.ok(Math.abs(Math.log(mean / law)) < 0.3, `β = ${beta}: ${mean} against ${law}`);
  }
});

test('what is called scale invariant is: rescaled filters or layers leave the outputs as they were, others do not', () => {
  const cases = [
    ['mlpChain', { depth: 2, width: 4, normalization: 'batchNorm', epsilon: 0 }],
    ['mlpChain', { depth: 2, width: 4, normalization: 'layerNorm', epsilon: 0 }],
    ['resnet', { depth: 2, width: 4, normalization: 'batchNorm', epsilon: 0 }],
    ['mlpChain', { depth: 2, width: 4 }],
  ] as const;
  for (const [kind, options] of cases) {
    const plan = networks[kind].plan({ ...defaults('network', kind), ...options } as Options, { inputs: 5, outputs: 2 });
    const g = createBuilder('float64');
    const nodes = new Map(plan.parameters.map(({ name, shape }) => [name, g.input(name, shape)]));
    const x = g.input('x', [6, 5]);
    const pass = plan.forward(g, {
      x,
      parameter: (name) => nodes.get(name)!,
      activation: (node) => g.tanh(node),
      dropout: (node) => node,
      statisticsRows: 6,
    });
    const random = rng(3, 'test');
    const feeds = Object.fromEntries(
      [...nodes.values(), x].map((node) => [
        String(node.attrs.name),
        Float64Array.from({ length: sizeOf(node.shape) }, () => random.normal()),
      ]),
    );
    const [before] = evaluate([pass.outputs], feeds);
    for (const { name, role, layer, shape } of plan.parameters) {
      if (role !== 'weight') continue;
      const moved = (factor: (column: number) => number) => {
        const kernel = feeds[name]!.map((value, at) => value * factor(at % shape[1]!));
        const [after] = evaluate([pass.outputs], { ...feeds, [name]: kernel });
        return norm(after!.map((value, i) => value - before![i]!)) / norm(before!);
      };
      const { scaleInvariant } = plan.layers[layer]!;
      assert.equal(moved(() => 3) < 1e-10, scaleInvariant !== false, `${kind} ${name} whole`);
      assert.equal(moved((column) => 1 + column) < 1e-10, scaleInvariant === 'filter', `${kind} ${name} by filter`);
    }
  }
});

test('one kernel per layer, bottom first; no bias in front of a normalization', () => {
  for (const [kind, options] of [
    ['mlpChain', { normalization: 'batchNorm' }],
    ['mlpChain', {}],
    ['resnet', {}],
    ['resnet', { branch: 'res1', normalization: 'layerNorm' }],
  ] as const) {
    const { layers, parameters } = networks[kind].plan({ ...defaults('network', kind), ...options } as Options, { inputs: 7, outputs: 3 });
    const kernels = parameters.filter(({ role }) => role === 'weight');
    assert.deepEqual(
      kernels.map(({ layer }) => layer),
      layers.map((_, l) => l),
    );
    assert.equal(new Set(parameters.map(({ name }) => name)).size, parameters.length);
    for (const { role, layer } of parameters) if (role === 'bias') assert.equal(layers[layer]!.scaleInvariant, false);
  }
});
