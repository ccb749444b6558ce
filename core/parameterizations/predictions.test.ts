/** @file What the theory of integrable parameterizations predicts, on networks small enough for a test: slopes in the width, equal first steps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBuilder } from '../graph/builder.ts';
import { gradient } from '../graph/differentiate.ts';
import { evaluate } from '../graph/evaluate.ts';
import { forwardPass, initialWeights, planRun, stackInputs, type RunPlan } from '../programs/plan.ts';
import { norm, openSteps, smallSpec } from '../programs/steps.fixture.ts';
import { rng } from '../rng.ts';

const data = { inputs: 8, outputs: 2, targets: 'values' } as const;
const rows = 12;
const x = Float64Array.from({ length: rows * data.inputs }, (_, i) => rng(1, 'test', i).normal());

const planOf = (parameterization: object, depth: number, width: number, seed = 1, changes: object = {}): RunPlan =>
  planRun(
    smallSpec({ network: { kind: 'mlpChain', depth, width, bias: false }, activation: 'relu', parameterization, seed, ...changes }),
    data,
    { groupLimit: 0 },
  );

interface FirstStep {
  readonly outputs: Float64Array;
  readonly preActivations: readonly Float64Array[];
  /** Per layer the first update of the effective weights at base rate 1, for the slope 1 of the loss in every output. */
  readonly updates: readonly Float64Array[];
  readonly weights: Map<string, Float64Array>;
  forward(weights: Map<string, Float64Array>): Float64Array;
}
function firstStep(plan: RunPlan): FirstStep {
  const g = createBuilder('float64');
  const stacks = stackInputs(g, plan);
  const inputs = stacks.map(({ input }) => input);
  const pass = forwardPass(g, plan, inputs, g.input('x', [rows, data.inputs]), rows);
  const slopes = gradient(g, g.mul(g.sum(pass.outputs), 1 / rows), inputs);
  const weights = initialWeights(plan);
  const feed = (of: Map<string, Float64Array>) => ({ x, ...Object.fromEntries(of) });
  const results = evaluate(
    [pass.outputs, ...pass.taps.map(({ preActivation }) => preActivation), ...slopes],
    feed(weights),
  ) as Float64Array[];
  const updates = plan.stacks.map(({ members: [member] }, i) => {
    const [rate] = plan.scalings.get(member!)!.rate;
    return results[1 + pass.taps.length + i]!.map((value) => -rate * value);
  });
  return {
    outputs: results[0]!,
    preActivations: results.slice(1, 1 + pass.taps.length),
    updates,
    weights,
    forward: (of) => evaluate([pass.outputs], feed(of))[0] as Float64Array,
  };
}

/** Least squares slope of log y against log m. */
function slope(widths: readonly number[], values: readonly number[]): number {
  const [u, v] = [widths.map(Math.log), values.map(Math.log)];
  const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;
  const [mu, mv] = [mean(u), mean(v)];
  return u.reduce((sum, value, i) => sum + (value - mu) * (v[i]! - mv), 0) / u.reduce((sum, value) => sum + (value - mu) ** 2, 0);
}
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const meanSize = (values: Float64Array): number => values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;

const widths = [32, 64, 128, 256];
const seeds = [1, 2, 3, 4, 5];
for (const depth of [2, 3, 4])
  test(`integrable, L = ${depth}: output, first update and what it changes fall with the width as predicted`, () => {
    const measured = widths.map((m) => {
      const each = seeds.map((seed) => {
        const first = firstStep(planOf({ kind: 'ip' }, depth, m, seed));
        const moved = new Map(
          [...first.weights].map(([name, values], i) => [name, values.map((value, k) => value + first.updates[i]![k]!)]),
        );
        const after = first.forward(moved);
        const hidden = norm(first.updates[1]!) / m; // root mean square of an entry of Δw; ΔW = m Δw
        return [meanSize(first.outputs), m * hidden, meanSize(after.map((value, i) => value - first.outputs[i]!))];
      });
      return [0, 1, 2].map((k) => median(each.map((values) => values[k]!)));
    });
    const [output, update, change] = [0, 1, 2].map((k) =>
      slope(
        widths,
        measured.map((values) => values[k]!),
      ),
    ) as [number, number, number];
    assert.ok(Math.abs(output + depth / 2) < 0.35, `f: ${output}, predicted ${-depth / 2}`);
    assert.ok(Math.abs(update + (depth - 2) / 2) < 0.3, `ΔW: ${update}, predicted ${-(depth - 2) / 2}`);
    assert.ok(Math.abs(change + (depth - 2)) < 0.35, `Δf: ${change}, predicted ${2 - depth}`);
  });

test('with shared U the integrable output is m^-(L-1)/2 that of muP, exactly', () => {
  for (const [depth, m] of [
    [1, 7],
    [4, 25],
  ] as const) {
    const [ip, muP] = ['ip', 'muP'].map((kind) => firstStep(planOf({ kind }, depth, m)).outputs) as [Float64Array, Float64Array];
    ip.forEach((value, i) => assert.ok(Math.abs(value / (m ** (-(depth - 1) / 2) * muP[i]!) - 1) < 1e-12));
  }
});

for (const bias of [false, true])
  test(`large initial rates: the first update is that of muP in every layer to 1e-10, ${bias ? 'with' : 'without'} biases`, () => {
    for (const [depth, m] of [
      [1, 20],
      [4, 60],
      [6, 30],
    ] as const) {
      const network = { kind: 'mlpChain', depth, width: m, bias };
      const [llr, muP] = ['ipLlr', 'muP'].map((kind) => firstStep(planOf({ kind }, depth, m, 3, { network })).updates) as [
        Float64Array[],
        Float64Array[],
      ];
      muP.forEach((expected, i) => {
        const difference = norm(expected.map((value, k) => value - llr[i]![k]!));
        assert.ok(norm(expected) > 0 && difference < 1e-10 * norm(expected), `layer ${i}: ${difference} of ${norm(expected)}`);
      });
    }
  });

test('four hidden layers, integrable: the loss does not leave log C; that of muP does', () => {
  const losses = (kind: string) => {
    const steps = openSteps(
      smallSpec({
        network: { kind: 'mlpChain', depth: 4, width: 96, bias: false },
        activation: 'elu',
        parameterization: kind,
        init: 'lecun',
        optimizer: { kind: 'sgd', learningRate: 0.1 },
        batchSize: 16,
      }),
    );
    return Array.from({ length: 30 }, () => steps.step().metrics.loss![0]!);
  };
  for (const loss of losses('ip')) assert.ok(Math.abs(loss - Math.log(3)) < 0.01, `${loss}`);
  assert.ok(losses('muP').at(-1)! < 0.7 * Math.log(3));
});

test('drawn means and biases make layers degenerate like m^-1/2: units become equal, and no longer see the input', () => {
  const sizes = [64, 128, 256, 512];
  const spread = (values: Float64Array, m: number, across: 'units' | 'inputs') => {
    const groups = across === 'units' ? rows : m;
    const sum = (f: (group: number, k: number) => number) => {
      let total = 0;
      for (let group = 0; group < groups; group++) for (let k = 0; k < (rows * m) / groups; k++) total += f(group, k);
      return total / (rows * m);
    };
    const at = (group: number, k: number) => (across === 'units' ? values[group * m + k]! : values[k * m + group]!);
    const means = Array.from({ length: groups }, (_, group) => {
      let total = 0;
      const count = (rows * m) / groups;
      for (let k = 0; k < count; k++) total += at(group, k);
      return total / count;
    });
    return Math.sqrt(sum((group, k) => (at(group, k) - means[group]!) ** 2));
  };
  const ofSecond = (parameterization: object, bias: boolean, m: number, of: (values: Float64Array) => number) =>
    median(
      seeds.map((seed) =>
        of(firstStep(planOf(parameterization, 2, m, seed, { network: { kind: 'mlpChain', depth: 2, width: m, bias } })).preActivations[1]!),
      ),
    );
  const units = sizes.map((m) => ofSecond({ kind: 'ipNonCentred' }, false, m, (h) => spread(h, m, 'units') / meanSize(h)));
  assert.ok(Math.abs(slope(sizes, units) + 0.5) < 0.1, `non-centred: ${slope(sizes, units)}`);
  const inputs = sizes.map((m) => ofSecond({ kind: 'ipBias' }, true, m, (h) => spread(h, m, 'inputs') / spread(h, m, 'units')));
  assert.ok(Math.abs(slope(sizes, inputs) + 0.5) < 0.1, `biases: ${slope(sizes, inputs)}`);
});
