/** @file Parameterizations against the published table, against training W itself in loops, and against each other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../catalog.ts';
import type { Data } from '../define.ts';
import { networks } from '../networks/index.ts';
import { initialWeights, planRun } from '../programs/plan.ts';
import { scalingsOf } from '../programs/scalings.ts';
import { slowChain } from '../programs/slowChain.fixture.ts';
import { assertClose, dataOf, norm, openSteps, smallSpec } from '../programs/steps.fixture.ts';
import { parseSpec, SpecError } from '../spec.ts';
import { parameterizations } from './index.ts';

type Name = keyof typeof parameterizations;
const names = Object.keys(parameterizations) as Name[];
const chain = (depth: number, width: number) => ({ kind: 'mlpChain', depth, width });

/** Exponents of m of the effective weights, [input, hidden, output]: initial size, and rate for SGD; L hidden layers. */
const published: readonly (readonly [Name, readonly number[], (depth: number) => readonly number[], number[]?])[] = [
  ['muP', [0, -0.5, -1], () => [1, 0, -1]],
  ['ip', [0, -1, -1], () => [1, 0, -1]],
  ['ntk', [0, -0.5, -0.5], () => [0, -1, -1]],
  ['ipLlr', [0, -1, -1], (depth) => [(depth + 1) / 2, (depth - 2) / 2, (depth - 3) / 2]],
  ['standard', [0, -0.5, -0.5], () => [0, 0, 0]],
];
for (const [name, start, rate] of published)
  test(`${name}: effective initial size and first learning rates are those of the published table`, () => {
    for (const depth of [2, 5]) {
      const m = 64;
      const network = networks.mlpChain.plan({ ...defaults('network', 'mlpChain'), depth, width: m }, { inputs: 7, outputs: 3 });
      const scalings = scalingsOf(network, smallSpec({ parameterization: name }));
      for (const parameter of network.parameters) {
        if (parameter.role !== 'weight') continue;
        const place = parameter.layer === 0 ? 0 : parameter.layer === depth ? 2 : 1;
        const factors = scalings.get(parameter)!;
        // an init of variance v/fanIn has drawn m^-1/2 itself where fanIn is the width
        const drawn = place === 0 ? 1 : m ** -0.5;
        assert.ok(Math.abs(Math.log(factors.initial * drawn) / Math.log(m) - start[place]!) < 1e-12);
        assert.ok(Math.abs(Math.log(factors.rate[0]) / Math.log(m) - rate(depth)[place]!) < 1e-12);
        if (name === 'ipLlr') assert.ok(Math.abs(Math.log(factors.rate[1]) / Math.log(m) - [1, 0, -1][place]!) < 1e-12);
      }
    }
  });

test('with Adam, muP, ip and ipLlr have the rates 1, 1/m, 1/m of the effective weights', () => {
  const network = networks.mlpChain.plan({ ...defaults('network', 'mlpChain'), depth: 2, width: 16 }, { inputs: 7, outputs: 3 });
  for (const parameterization of ['muP', 'ip', 'ipLlr']) {
    const scalings = scalingsOf(network, smallSpec({ parameterization, optimizer: 'adam' }));
    const rates = network.parameters.filter(({ role }) => role === 'weight').map((parameter) => scalings.get(parameter)!.rate[0]);
    assertClose(rates, [1, 1 / 16, 1 / 16], 1e-14, parameterization);
  }
});

/** The exponents of W itself for a layer, in the terms of the entry. */
function exponentsOf(name: Name, options: object, role: 'weight' | 'bias', layer: number, depth: number, gradientPower: 1 | 0) {
  const place = layer === 0 ? 'input' : layer === depth ? 'output' : 'hidden';
  return parameterizations[name].scaling(
    { role, place, layer: layer + 1, fanIn: 1, depth, gradientPower },
    { ...defaults('parameterization', name), ...options },
  );
}

interface Recipe {
  readonly optimizer: { readonly kind: 'sgd' | 'momentum' | 'adam' };
  readonly regularizer: { readonly kind: 'none' | 'l2' | 'decoupledWeightDecay' };
}
/** Trains W in loops: h = m^-a W x, gradients by the chain rule, rates η m^-c. Returns the effective weights after each step. */
function trainW(
  name: Name,
  { optimizer, regularizer }: Recipe,
  steps: ReturnType<typeof openSteps>,
  count: number,
): Map<string, Float64Array>[] {
  const { plan, data } = steps;
  const m = (plan.spec.network.width as number) / ((plan.spec.parameterization.baseWidth as number | undefined) ?? 1);
  const { learningRate: eta } = plan.spec.optimizer as unknown as { learningRate: number };
  const depth = plan.network.layers.length - 1;
  const gradientPower = optimizer.kind === 'adam' ? 0 : 1;
  const [beta1, beta2, epsilon, mu, lambda] = [0.9, 0.999, 1e-3, 0.9, 0.1];
  const first = steps.step();
  let effective: ReadonlyMap<string, Float64Array> = first.weights;
  const scalings = new Map(
    plan.network.parameters.map((parameter) => [
      parameter.name,
      exponentsOf(name, plan.spec.parameterization, parameter.role as 'weight', parameter.layer, depth, gradientPower),
    ]),
  );
  const trained = new Map([...effective].map(([key, w]) => [key, w.map((value) => value * m ** scalings.get(key)!.a)]));
  const start = new Map([...trained].map(([key, w]) => [key, w.slice()]));
  const [u, v] = [new Map<string, Float64Array>(), new Map<string, Float64Array>()];
  const all: Map<string, Float64Array>[] = [];
  let batch = first.batch;
  for (let t = 1; t <= count; t++) {
    const { gradients } = slowChain(plan.network, effective, data.train, batch);
    for (const [key, W] of trained) {
      const { a, c, first: early, kept = 0 } = scalings.get(key)!;
      const rate = eta * m ** -(early && t <= early.steps ? early.c : c);
      const decays = regularizer.kind !== 'none' && key.endsWith('weight');
      const [U, V] = [u.get(key) ?? new Float64Array(W.length), v.get(key) ?? new Float64Array(W.length)];
      W.forEach((before, i) => {
        const G = gradients.get(key)![i]! * m ** -a + (decays && regularizer.kind === 'l2' ? lambda * before : 0);
        let change = -rate * G;
        if (optimizer.kind === 'momentum') change = -rate * (U[i] = mu * U[i]! + G);
        if (optimizer.kind === 'adam') {
          U[i] = beta1 * U[i]! + (1 - beta1) * G;
          V[i] = beta2 * V[i]! + (1 - beta2) * G * G;
          change = (-rate * U[i]!) / (1 - beta1 ** t) / (Math.sqrt(V[i]! / (1 - beta2 ** t)) + epsilon);
        }
        if (decays && regularizer.kind === 'decoupledWeightDecay') change -= rate * lambda * before;
        const remaining = t === 1 ? before - start.get(key)![i]! * (1 - (kept === Infinity ? 0 : m ** -kept)) : before;
        W[i] = remaining + change;
      });
      u.set(key, U);
      v.set(key, V);
    }
    effective = new Map([...trained].map(([key, W]) => [key, W.map((value) => value * m ** -scalings.get(key)!.a)]));
    all.push(new Map(effective));
    batch = steps.step().batch;
  }
  return all;
}

const recipes = [
  { optimizer: { kind: 'sgd', learningRate: 0.2 }, regularizer: { kind: 'none' } },
  { optimizer: { kind: 'sgd', learningRate: 0.2 }, regularizer: { kind: 'decoupledWeightDecay', coefficient: 0.1 } },
  { optimizer: { kind: 'momentum', learningRate: 0.1, momentum: 0.9 }, regularizer: { kind: 'l2', coefficient: 0.1 } },
  {
    optimizer: { kind: 'adam', learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-3 },
    regularizer: { kind: 'l2', coefficient: 0.1 },
  },
  {
    optimizer: { kind: 'adam', learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-3 },
    regularizer: { kind: 'decoupledWeightDecay', coefficient: 0.1 },
  },
] as const;
for (const name of names)
  for (const recipe of recipes)
    test(`${name}, ${recipe.optimizer.kind}, ${recipe.regularizer.kind}: the graph trains w as loops train W, stacked or alone, to 1e-10`, () => {
      const parameterization = { kind: name, ...(name === 'standard' ? {} : { baseWidth: 2 }) };
      const network = chain(name === 'meanField' ? 1 : 3, 5);
      const spec = smallSpec({ network, init: 'frameworkDefault', parameterization, ...recipe });
      const expected = trainW(name, recipe, openSteps(spec), 3);
      for (const groupLimit of [0, 1000]) {
        const steps = openSteps(spec, { groupLimit });
        expected.forEach((weights, t) => {
          const { next } = steps.step();
          for (const [key, values] of weights) assertClose(next.get(key)!, values, 1e-10, `step ${t + 1}, ${key}`);
        });
      }
    });

test('abc: a + θ, b - θ, c - 2θ (c - θ with Adam) is the same training, to 1e-10', () => {
  for (const optimizer of [
    { kind: 'sgd', learningRate: 0.3 },
    { kind: 'momentum', learningRate: 0.1 },
    { kind: 'adam', learningRate: 0.01, epsilon: 1e-300 },
  ]) {
    const losses = (theta: number) => {
      const of = (letter: string, values: number[], factor: number) =>
        Object.fromEntries(['Input', 'Hidden', 'Output'].map((place, i) => [letter + place, values[i]! + factor * theta * (i + 1)]));
      const power = optimizer.kind === 'adam' ? 1 : 2;
      const parameterization = { kind: 'abc', ...of('a', [0, 0.5, 1], 1), ...of('b', [0, 0, 0], -1), ...of('c', [-1, -0.5, -1], -power) };
      const steps = openSteps(smallSpec({ network: chain(3, 6), init: 'frameworkDefault', parameterization, optimizer }));
      return Array.from({ length: 6 }, () => steps.step().metrics.loss![0]!);
    };
    const [plain, shifted] = [losses(0), losses(0.37)];
    assert.ok(Math.abs(plain[5]! - plain[0]!) > 1e-3, 'nothing was learned');
    assertClose(shifted, plain, 1e-10, optimizer.kind);
  }
});

test('at the base width every parameterization without laws of its own is the standard one', () => {
  const run = (parameterization: object) => {
    const steps = openSteps(smallSpec({ network: chain(3, 6), parameterization, optimizer: { kind: 'adam', learningRate: 0.01 } }));
    steps.step();
    return steps.step().weights;
  };
  const standard = run({ kind: 'standard' });
  for (const kind of ['muP', 'ip', 'ntk', 'ipLlr', 'hybrid', 'abc'])
    for (const [key, values] of run({ kind, baseWidth: 6 })) assertClose(values, standard.get(key)!, 1e-13, `${kind} ${key}`);
});

test('hybrid: after the first update the initial hidden weights have shrunk by m^-1/2 or are gone, all else is muP', () => {
  const first = (parameterization: object) => openSteps(smallSpec({ network: chain(3, 9), parameterization })).step();
  const muP = first({ kind: 'muP' });
  for (const [remainder, kept] of [
    ['integrable', 1 / 3],
    ['none', 0],
  ] as const) {
    const hybrid = first({ kind: 'hybrid', remainder });
    for (const [key, next] of hybrid.next) {
      const [before, after] = [muP.weights.get(key)!, muP.next.get(key)!];
      const hidden = /^layer[23]\.weight/.test(key);
      assertClose(
        next,
        after.map((value, i) => value - (hidden ? (1 - kept) * before[i]! : 0)),
        1e-13,
        key,
      );
    }
  }
});

test('the metric shows the rate of every layer, first and later, and is absent where all share one', () => {
  const [m, eta] = [5, 0.1];
  const spec = { network: chain(3, m), optimizer: { kind: 'sgd', learningRate: eta } };
  const steps = openSteps(smallSpec({ ...spec, parameterization: 'ipLlr' }));
  const [first, second] = [steps.step().metrics, steps.step().metrics];
  assertClose(
    first.layerLearningRate!,
    [m ** 2, m ** 0.5, m ** 0.5, 1].map((of) => of * eta),
    1e-12,
  );
  assertClose(
    second.layerLearningRate!,
    [m, 1, 1, 1 / m].map((of) => of * eta),
    1e-12,
  );
  const norms = second.weightNorm!;
  assertClose(
    second.effectiveLearningRate!,
    norms.map((of, layer) => second.layerLearningRate![layer]! / of ** 2),
    1e-12,
  );
  assert.equal(openSteps(smallSpec(spec)).step().metrics.layerLearningRate, undefined);
});

test('drawn biases and means: of their own size, whatever the init', () => {
  const weightsOf = (parameterization: object, init = 'lecun') => {
    const spec = smallSpec({ network: chain(3, 400), init, parameterization });
    const plan = planRun(spec, { inputs: 5, outputs: 3, targets: 'labels' });
    const weights = initialWeights(plan);
    return (name: string) => {
      const stack = plan.stacks.find(({ members }) => members.some((member) => member.name === name))!;
      const size = weights.get(stack.name)!.length / stack.members.length;
      const at = stack.members.findIndex((member) => member.name === name);
      return weights.get(stack.name)!.subarray(at * size, (at + 1) * size);
    };
  };
  const bias = weightsOf({ kind: 'ipBias', deviation: 2 })('layer2.bias');
  assert.ok(Math.abs(norm(bias) ** 2 / bias.length / 4 - 1) < 5 * Math.sqrt(2 / 400));
  const kernel = weightsOf({ kind: 'ipNonCentred', mean: 0.5 })('layer2.weight');
  const mean = kernel.reduce((sum, value) => sum + value, 0) / kernel.length;
  assert.ok(Math.abs(mean * 400 - 0.5) < 5 / 400); // U has deviation 1, and there are 400² of them
  assert.ok(weightsOf({ kind: 'ip' })('layer2.bias').every((value) => value === 0));
});

test('specs without a parameterization are standard; what a network cannot have or float32 cannot hold is refused', () => {
  assert.equal(parseSpec({}).parameterization.kind, 'standard');
  const refused = (spec: object, message: RegExp) =>
    assert.throws(
      () => parseSpec(spec),
      (error) =>
        error instanceof SpecError && error.issues.some((issue) => issue.path === 'parameterization' && message.test(issue.message)),
    );
  refused({ network: chain(2, 8), parameterization: 'meanField' }, /one hidden layer, got 2/);
  refused({ network: chain(40, 1024), parameterization: 'ipLlr' }, /at most 1e\+37 in float32/);
  parseSpec({ network: chain(1, 8), parameterization: 'meanField' });
  parseSpec({ network: chain(40, 1024), parameterization: { kind: 'ipLlr', baseWidth: 512 } });
});

test('a width of one, one hidden layer, one output: finite steps for all', () => {
  const data = dataOf(smallSpec());
  const small: Data = { ...data.train, labels: new Int32Array(data.train.n), outputSize: 1 };
  for (const kind of names)
    for (const optimizer of ['sgd', 'adam', 'novoGrad']) {
      const spec = smallSpec({ network: chain(1, 1), parameterization: kind, optimizer });
      const steps = openSteps(spec, { data: { train: small, heldOut: small } });
      for (let t = 0; t < 2; t++) for (const values of steps.step().next.values()) assert.ok(values.every(Number.isFinite), kind);
    }
});
