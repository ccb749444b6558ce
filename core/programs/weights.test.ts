/** @file Metrics of the weights against loops and Jacobi rotations, on every family of networks. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { entry } from '../catalog.ts';
import { jacobiSingularValues } from '../curvature/jacobi.fixture.ts';
import type { Metric } from '../define.ts';
import { spectrumRows } from '../metrics/moments.ts';
import { weightHurst } from '../metrics/weightHurst.ts';
import { weightRoughness } from '../metrics/weightRoughness.ts';
import { families, familySpec } from '../networks/families.fixture.ts';
import { rng } from '../rng.ts';
import { depthPaths } from './depthPaths.ts';
import { initialWeights, planRun, type RunPlan } from './plan.ts';
import { assertClose, norm, smallSpec } from './steps.fixture.ts';
import { hostMetrics, weightsMoment } from './weights.ts';

function planOf(network: object, dataset: object): RunPlan {
  const spec = familySpec(network, dataset);
  const sizes = entry('dataset', spec.dataset.kind).sizes(spec.dataset)!;
  return planRun(spec, { ...sizes, targets: 'labels' });
}
/** Weights somewhere else: every value moved by a random number. */
function moved(initial: ReadonlyMap<string, Float64Array>): Map<string, Float64Array> {
  const random = rng(5, 'test');
  return new Map([...initial].map(([name, values]) => [name, values.map((value) => value + 0.3 * random.normal())]));
}
const measure = (metrics: readonly Metric[], moment: ReturnType<typeof weightsMoment>) =>
  Object.fromEntries(metrics.map(({ card, weights }) => [card.name, weights!(moment)]));

test('every metric of the weights equals loops over the entries and singular values by rotations, in every family', () => {
  for (const [title, network, dataset] of families) {
    const plan = planOf(network, dataset);
    const initial = initialWeights(plan);
    const now = moved(initial);
    const last = new Map([...now].map(([name, values]) => [name, values.map((value, i) => value - 0.01 * Math.sin(i + name.length))]));
    const found = measure(hostMetrics('weights', plan), weightsMoment(plan, now, initial, last));
    const isLogit = (name: string) => name.endsWith('.logit'); // a shift by its role alone
    /** All values of one role in a layer: a layer may have several scales, as of a normalization and of a gate. */
    const parameter = (from: ReadonlyMap<string, Float64Array>, layer: number, role: string): number[] | null => {
      const found = plan.stacks.flatMap(({ name, members }) => {
        const size = from.get(name)!.length / members.length;
        const own = members.flatMap((member, g) => (member.layer === layer && member.role === role && !isLogit(member.name) ? [g] : []));
        return own.flatMap((g) => [...from.get(name)!.subarray(g * size, (g + 1) * size)]);
      });
      return found.length > 0 ? found : null;
    };
    const kernels = plan.network.layers.map((_, layer) => {
      const [w, w0] = [parameter(now, layer, 'weight')!, parameter(initial, layer, 'weight')!];
      const columns = plan.network.parameters.find((p) => p.layer === layer && p.role === 'weight')!.shape.at(-1)!;
      const d = w.map((value, i) => value - w0[i]!);
      const before = parameter(last, layer, 'weight')!;
      const u = w.map((value, i) => value - before[i]!);
      const svd = (values: number[]) => jacobiSingularValues({ rows: values.length / columns, columns, values: Float64Array.from(values) });
      const filters = Array.from({ length: columns }, (_, j) => norm(w.filter((_, at) => at % columns === j)));
      return { w, w0, d, u, s: svd(w), t: svd(d), v: svd(u), filters };
    });
    const average = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const trace = (s: number[]) => (average(s) ** 2 / average(s.map((x) => x * x))) * s.length;
    const entropy = (s: number[]) => {
      const p = s.map((x) => x / (average(s) * s.length));
      return p.reduce((product, x) => (x > 0 ? product * x ** -x : product), 1);
    };
    const others = (role: string) => kernels.map((_, layer) => norm(parameter(now, layer, role) ?? [NaN]));
    const expected: Record<string, number[]> = {
      weightMean: kernels.map(({ w }) => average(w)),
      weightDeviation: kernels.map(({ w }) => Math.sqrt(average(w.map((x) => x * x)) - average(w) ** 2)),
      weightKurtosis: kernels.map(({ w }) => average(w.map((x) => x ** 4)) / average(w.map((x) => x * x)) ** 2),
      initialDistance: kernels.map(({ d }) => norm(d)),
      relativeInitialDistance: kernels.map(({ d, w0 }) => norm(d) / norm(w0)),
      spectralNorm: kernels.map(({ s }) => s[0]!),
      smallestSingularValue: kernels.map(({ s }) => s.at(-1)!),
      stableRank: kernels.map(({ w, s }) => (norm(w) / s[0]!) ** 2),
      traceRank: kernels.map(({ s }) => trace(s)),
      effectiveRank: kernels.map(({ s }) => entropy(s)),
      changeSpectralNorm: kernels.map(({ t }) => t[0]!),
      changeStableRank: kernels.map(({ d, t }) => (norm(d) / t[0]!) ** 2),
      changeTraceRank: kernels.map(({ t }) => trace(t)),
      changeEffectiveRank: kernels.map(({ t }) => entropy(t)),
      updateSpectralNorm: kernels.map(({ v }) => v[0]!),
      updateStableRank: kernels.map(({ u, v }) => (norm(u) / v[0]!) ** 2),
      updateTraceRank: kernels.map(({ v }) => trace(v)),
      updateEffectiveRank: kernels.map(({ v }) => entropy(v)),
      largestFilterNorm: kernels.map(({ filters }) => Math.max(...filters)),
      smallestFilterNorm: kernels.map(({ filters }) => Math.min(...filters)),
    };
    for (const [name, role] of [
      ['biasNorm', 'bias'],
      ['normalizationScaleNorm', 'scale'],
      ['normalizationShiftNorm', 'shift'],
    ] as const)
      if (plan.network.parameters.some((p) => p.role === role && !isLogit(p.name))) expected[name] = others(role);
    const logits = kernels.map((_, layer) => {
      const block = plan.network.layers[layer]!.name.replace(/\.v$/, '');
      const [stack, at] =
        plan.stacks
          .flatMap(({ name, members }) => members.map((m, g) => [name, g, m.name] as const))
          .find(([, , name]) => name === `${block}.logit`) ?? [];
      return stack === undefined ? NaN : now.get(stack)![at!]!;
    });
    if (logits.some((logit) => !Number.isNaN(logit))) {
      expected.survivalProbability = logits.map((logit) => Math.tanh(logit / 2) / 2 + 0.5); // none of them is pruned
      expected.expectedDepth = [expected.survivalProbability.reduce((sum, value) => sum + (value || 0), 0)];
    }
    const { weightRoughness: rough, weightHurst: hurst, singularValues: spectra, ...layerwise } = found;
    const longest = Math.max(...kernels.map(({ s }) => s.length));
    const padded = kernels.flatMap(({ s }) => Array.from({ length: longest }, (_, i) => s[i] ?? NaN));
    assert.deepEqual(Array.from(spectra!, Number.isNaN), padded.map(Number.isNaN), `${title}: singularValues`);
    assertClose(
      [...spectra!].filter((value) => !Number.isNaN(value)),
      kernels.flatMap(({ s }) => [...s]),
      1e-9,
      `${title}: singularValues`,
    );
    assert.deepEqual(Object.keys(layerwise).sort(), Object.keys(expected).sort(), title);
    assert.equal(rough !== undefined, depthPaths(plan.network).length > 0);
    assert.equal(hurst, undefined); // no family here is eight layers deep
    for (const [name, values] of Object.entries(expected)) {
      const known = values.flatMap((value, layer) => (Number.isNaN(value) ? [] : [layer]));
      assertClose(
        known.map((layer) => layerwise[name]![layer]!),
        known.map((layer) => values[layer]!),
        1e-9,
        `${title}: ${name}`,
      );
      values.forEach((value, layer) => assert.equal(Number.isNaN(layerwise[name]![layer]), Number.isNaN(value), `${title}: ${name}`));
    }
  }
});

test('of a layer with more than 64 singular values 64 ranks at equal distances are shown, the first and the last among them', () => {
  const plan = planOf({ kind: 'mlpChain', depth: 2, width: 127 }, { kind: 'gaussianMixture', classes: 3, inputs: 5 });
  const initial = initialWeights(plan);
  const row = measure(hostMetrics('weights', plan), weightsMoment(plan, initial, initial)).singularValues!;
  assert.equal(row.length, 3 * 64);
  const values = initial.get(plan.stacks.find(({ shape }) => shape.join() === '1,127,127')!.name)!;
  const all = jacobiSingularValues({ rows: 127, columns: 127, values });
  assertClose(
    [...row.subarray(64, 128)],
    Array.from({ length: 64 }, (_, i) => all[2 * i]!),
    1e-9,
    'every other of 127',
  );
  assert.ok(row.subarray(0, 5).every((value) => value > 0) && row.subarray(5, 64).every(Number.isNaN)); // [5, 127]
  const deep = Array.from({ length: 500 }, () => Float64Array.from({ length: 63 }, (_, i) => 63 - i));
  assert.equal(spectrumRows(deep).length, 500 * 32); // every other one: a row has at most 16,384 values
  assert.deepEqual(
    [...spectrumRows(deep).subarray(0, 32)],
    Array.from({ length: 32 }, (_, i) => 63 - 2 * i),
  );
});

/** A moment whose only content is one path of kernels. */
const along = (kernels: Float64Array[]) => {
  const plan = planRun(
    smallSpec({ network: { kind: 'mlpChain', depth: kernels.length + 1, width: Math.sqrt(kernels[0]!.length), bias: false } }),
    {
      inputs: 5,
      outputs: 3,
      targets: 'labels',
    },
  );
  const values = new Map([...initialWeights(plan)].map(([name, stack]) => [name, stack.slice()]));
  const hidden = plan.stacks.find(({ members }) => members.length === kernels.length)!;
  kernels.forEach((kernel, k) => values.get(hidden.name)!.set(kernel, k * kernel.length));
  return weightsMoment(plan, values, values);
};

test('roughness: independent layers 1, a straight path 6/(L² - 1), constant layers 0/0', () => {
  const random = rng(7, 'test');
  const layers = 64;
  const draw = (of: (k: number, entry: number) => number) =>
    weightRoughness.weights!(along(Array.from({ length: layers }, (_, k) => Float64Array.from({ length: 100 }, (_, i) => of(k, i)))))[0]!;
  assert.ok(Math.abs(draw(() => random.normal()) - layers / (layers - 1)) < 0.03); // the variance is the biased one
  const slopes = Array.from({ length: 100 }, () => random.normal());
  assert.ok(Math.abs(draw((k, entry) => slopes[entry]! * k) / (6 / (layers ** 2 - 1)) - 1) < 1e-12);
  assert.ok(Number.isNaN(draw(() => 1)));
});

test('kernels of a residual network that all start at 0 take no part in roughness and Hurst index over depth', () => {
  const at = (init: string) => {
    const plan = planRun(smallSpec({ network: { kind: 'resnet', depth: 12, width: 8, branch: 'res3' }, init }), {
      inputs: 5,
      outputs: 3,
      targets: 'labels',
    });
    const weights = initialWeights(plan);
    const moment = weightsMoment(plan, weights, weights);
    return { paths: moment.paths.length, numbers: [weightRoughness, weightHurst].map((metric) => metric.weights!(moment)[0]!) };
  };
  const { paths, numbers } = at('fixup');
  assert.equal(paths, 2); // of which the second kernel of every branch is 0
  for (const number of numbers) assert.ok(number > 0.1 && number < 2, String(number));
});

test('the Hurst index is 1/2 for independent layers, 1 for layers that repeat, 0 for differences of independent levels', () => {
  const random = rng(11, 'test');
  const index = (kernels: Float64Array[]) => weightHurst.weights!(along(kernels))[0]!;
  const drawn = () => Float64Array.from({ length: 144 }, () => random.normal());
  assert.ok(Math.abs(index(Array.from({ length: 128 }, drawn)) - 0.5) < 0.05);
  const one = drawn();
  assert.ok(Math.abs(index(Array.from({ length: 64 }, () => one)) - 1) < 1e-12);
  const levels = Array.from({ length: 129 }, drawn); // the sums are these levels: their spread does not grow with the lag
  assert.ok(Math.abs(index(levels.slice(1).map((level, k) => level.map((value, i) => value - levels[k]![i]!)))) < 0.05);
});

test('zero and broken weights say so: no rank, NaN, and no exception', () => {
  const plan = planOf({ kind: 'mlpChain', depth: 9, width: 3, bias: true }, { kind: 'gaussianMixture', classes: 3, inputs: 5 });
  const initial = initialWeights(plan);
  const filled = (value: number) => new Map([...initial].map(([name, values]) => [name, values.map(() => value)]));
  const metrics = hostMetrics('weights', plan);
  assert.ok(metrics.some(({ card }) => card.name === 'weightHurst'));
  const zero = measure(metrics, weightsMoment(plan, filled(0), initial));
  assert.ok([zero.spectralNorm, zero.weightDeviation, zero.biasNorm].every((values) => values!.every((value) => value === 0)));
  assert.ok(
    [zero.stableRank, zero.traceRank, zero.effectiveRank, zero.weightKurtosis, zero.weightHurst].every((values) =>
      values!.every(Number.isNaN),
    ),
  );
  for (const [name, values] of Object.entries(measure(metrics, weightsMoment(plan, filled(NaN), initial))))
    assert.ok(values.every(Number.isNaN), name);
  const still = measure(metrics, weightsMoment(plan, initial, initial));
  assert.ok(still.initialDistance!.every((value) => value === 0) && still.changeStableRank!.every(Number.isNaN));
  for (const [name, values] of Object.entries(still)) if (/^update/.test(name)) assert.ok(values.every(Number.isNaN), name); // nothing before
});
