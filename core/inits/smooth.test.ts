/** @file Weights tied over depth: the correlations of their paths, and which layers they run through. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaults } from '../catalog.ts';
import type { InitRequest } from '../define.ts';
import { familySpec } from '../networks/families.fixture.ts';
import { initialWeights, planRun } from '../programs/plan.ts';
import { norm } from '../programs/steps.fixture.ts';
import { rng } from '../rng.ts';
import { inits } from './index.ts';
import { correlated, correlationOf, fractionalNoise, pathFactor, rbfIncrements, type Law } from './paths.ts';

const { abs, sqrt } = Math;

test('paths over depth have the correlations of their law, within five standard errors', () => {
  const [length, paths] = [24, 4_000];
  for (const law of [{ hurst: 0.2 }, { hurst: 0.5 }, { hurst: 0.8 }, { kernelVariance: 0.01 }] as Law[]) {
    const correlation = correlationOf(length, law);
    const factor = pathFactor(length, law);
    const random = rng(5, 'init', 0);
    const drawn = Array.from({ length: paths }, () => correlated(random, factor));
    for (const [i, j] of [
      [0, 0],
      [0, 1],
      [3, 5],
      [10, 20],
      [23, 23],
    ] as const) {
      const sample = drawn.reduce((sum, path) => sum + path[i]! * path[j]!, 0) / paths;
      const expected = correlation(j - i);
      assert.ok(abs(sample - expected) < 5 * sqrt((1 + expected ** 2) / paths), `lag ${j - i}: ${sample}, not ${expected}`);
    }
  }
  assert.ok(abs(fractionalNoise(0.8)(1) - (2 ** 0.6 - 1)) < 1e-15, 'the correlation of neighbours is 2^(2H-1) - 1');
  const sums = (hurst: number, n: number) => {
    let total = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) total += fractionalNoise(hurst)(i - j);
    return total;
  };
  assert.ok(abs(sums(0.3, 50) - 50 ** 0.6) < 1e-9, 'the variance of their sum is N^2H');
});

test('factors give back the correlations they are of, for every smoothness on any grid', () => {
  const dot = (a: Float64Array, b: Float64Array) => {
    let sum = 0;
    for (let k = 0; k < Math.min(a.length, b.length); k++) sum += a[k]! * b[k]!;
    return sum;
  };
  const smooth = [1e-4, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 10].map((kernelVariance): Law => ({ kernelVariance }));
  const rough = [0.02, 0.5, 0.98].map((hurst): Law => ({ hurst }));
  for (const length of [2, 3, 24, 200, 500])
    for (const law of [...smooth, ...rough]) {
      const correlation = correlationOf(length, law);
      const factor = pathFactor(length, law);
      let worst = 0;
      for (let i = 0; i < length; i++)
        for (let j = 0; j <= i; j += i === j + 1 ? 1 : Math.max(1, Math.floor((i - j) / 2)))
          worst = Math.max(worst, abs(dot(factor[i]!, factor[j]!) - correlation(i - j)));
      assert.ok(worst < 1e-8, `${length} blocks, ${JSON.stringify(law)}: ${worst}`);
    }
});

test('correlations of smooth increments as the second difference has them, and as their limit on a fine grid', () => {
  for (const [blocks, variance] of [
    [10, 0.01],
    [40, 0.1],
    [100, 0.01],
  ] as const)
    for (const lag of [0, 1, 2, 5, 9]) {
      const kernel = (distance: number) => Math.exp(-((distance / blocks) ** 2) / (2 * variance));
      const plain = (2 * kernel(lag) - kernel(lag - 1) - kernel(lag + 1)) / (2 - 2 * kernel(1));
      assert.ok(abs(rbfIncrements(blocks, variance)(lag) - plain) < 1e-11);
    }
  const limit = (t: number, variance: number) => (1 - t ** 2 / variance) * Math.exp(-(t ** 2) / (2 * variance)); // of the derivative of the process
  for (const variance of [0.01, 0.3, 10])
    for (const lag of [0, 1, 1000, 50_000])
      assert.ok(abs(rbfIncrements(100_000, variance)(lag) - limit(lag / 100_000, variance)) < 1e-6, `${variance} ${lag}`);
});

test('smooth kernels have variance 1/n and hardly differ from block to block; independent ones do', () => {
  const activation: InitRequest['activation'] = (points) => ({ value: points, slope: points.map(() => 1) });
  const requests = Array.from({ length: 40 }, () => ({
    shape: [12, 12],
    fanIn: 12,
    fanOut: 12,
    kind: 'branch' as const,
    place: 'hidden' as const,
    branch: { index: 0, of: 2, blocks: 40 },
    activation,
  }));
  const roughness = (options: object) => {
    const kernels = inits.smooth.drawSeries!(rng(7, 'init', 0), requests, { ...defaults('init', 'smooth'), ...options });
    const all = kernels.flatMap((values) => [...values]);
    const variance = all.reduce((sum, value) => sum + value * value, 0) / all.length;
    const independent = 144 * (options && 'law' in options && options.law !== 'rbf' ? 40 : 5); // a smooth path of ℓ = 0.1 has few independent values
    assert.ok(abs(variance * 12 - 1) < 6 * sqrt(2 / independent), `${JSON.stringify(options)}: variance ${variance}`);
    let jumps = 0;
    for (let k = 1; k < 40; k++) kernels[k]!.forEach((value, i) => (jumps += (value - kernels[k - 1]![i]!) ** 2));
    return jumps / (39 * 144) / (2 * variance);
  };
  assert.ok(roughness({ law: 'rbf' }) < 0.1);
  assert.ok(abs(roughness({ law: 'independent' }) - 1) < 0.1);
  assert.ok(roughness({ law: 'fractional', hurst: 0.9 }) < 0.35);
  assert.ok(roughness({ law: 'fractional', hurst: 0.1 }) > 1.3);
});

test('smooth weights tie the hidden layers of a chain, and convolutions of one shape', () => {
  for (const [network, dataset, path] of [
    [{ kind: 'mlpChain', depth: 30, width: 8 }, { kind: 'gaussianMixture', classes: 3, inputs: 5, train: 40, heldOut: 12 }, 'layer'],
    [{ kind: 'vgg', stages: 1, convolutions: 20, channels: 4 }, { kind: 'glyphs', size: 12, train: 40, heldOut: 12 }, 'stage1.conv'],
  ] as const) {
    const roughness = (law: string) => {
      const plan = planRun(familySpec(network, dataset, { init: { kind: 'smooth', law } }), {
        inputs: dataset.kind === 'glyphs' ? 144 : 5,
        outputs: dataset.kind === 'glyphs' ? 10 : 3,
        targets: 'labels',
        ...(dataset.kind === 'glyphs' ? { imageShape: [12, 12, 1] as const } : {}),
      });
      const weights = initialWeights(plan);
      const kernels = plan.stacks.flatMap(({ name, role, members }) => {
        const size = weights.get(name)!.length / members.length;
        const own = members.map((member, i) => ({ member, values: weights.get(name)!.subarray(i * size, (i + 1) * size) }));
        return role === 'weight' ? own.filter(({ member }) => member.name.startsWith(path) && member.layer > 0) : [];
      });
      kernels.sort((a, b) => a.member.layer - b.member.layer);
      assert.equal(kernels.length, network.kind === 'vgg' ? 19 : 29);
      const squares = kernels.reduce((sum, { values }) => sum + norm(values) ** 2, 0) / kernels.length;
      const jumps = kernels.slice(1).reduce((sum, { values }, k) => sum + norm(values.map((w, i) => w - kernels[k]!.values[i]!)) ** 2, 0);
      return jumps / (kernels.length - 1) / (2 * squares);
    };
    const expected = 1 - rbfIncrements(network.kind === 'vgg' ? 19 : 29, 0.01)(1); // 0.37 and 0.18
    assert.ok(abs(roughness('rbf') - expected) < 0.06, `${roughness('rbf')}, not ${expected}`);
    assert.ok(abs(roughness('independent') - 1) < 0.1);
  }
});
