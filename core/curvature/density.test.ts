/** @file Bins and quadrature weights against known spectra. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { binCount, binEdges, binned, binOf } from './density.ts';
import { lanczos } from './lanczos.ts';

test('bins tile the line in order, and every value lies between the edges of its bin', () => {
  for (let bin = 1; bin < binCount; bin++) assert.ok(Math.abs(binEdges(bin)[0] / binEdges(bin - 1)[1] - 1) < 1e-12, `bin ${bin}`);
  for (const value of [0, 1e-9, 3e-6, -3e-6, 0.02, -7, 85.5, -127.6, 4e5, -9.9e5]) {
    const [low, high] = binEdges(binOf(value));
    assert.ok(low <= value && value <= high, `${value} in [${low}, ${high}]`);
  }
  assert.equal(binOf(1e9), binCount - 1);
  assert.equal(binOf(-1e9), 0);
  assert.throws(() => binEdges(binCount), /from 0 to 192, got 193/);
});

test('weights sum to 1 and reproduce the moments zᵀAᵏz up to 2R-1', () => {
  const random = rng(4, 'test');
  const spectrum = Array.from({ length: 60 }, () => random.normal() * 3);
  const z = Float64Array.from(spectrum, () => random.normal());
  const square = z.reduce((sum, x) => sum + x * x, 0);
  const rank = 6;
  const { values } = lanczos((v) => v.map((x, i) => x * spectrum[i]!), z, rank);
  for (let k = 0; k < 2 * rank; k++) {
    const moment = spectrum.reduce((sum, x, i) => sum + (z[i]! ** 2 / square) * x ** k, 0);
    const quadrature = values.reduce((sum, { value, weight }) => sum + weight * value ** k, 0);
    assert.ok(Math.abs(quadrature - moment) < 1e-10 * 12 ** k, `moment ${k}: ${quadrature} against ${moment}`);
  }
});

test('a planted spectrum is found: half zero, a bulk, two outliers and a negative tail', () => {
  const spectrum = [...new Array<number>(100).fill(0), ...new Array<number>(70).fill(0.5), ...new Array<number>(28).fill(-0.03), 40, 90];
  const random = rng(9, 'test');
  const probes = Array.from({ length: 200 }, () => {
    const z = Float64Array.from(spectrum, () => random.normal());
    return binned(lanczos((v) => v.map((x, i) => x * spectrum[i]!), z, 10).values);
  });
  const share = (value: number) => probes.reduce((sum, row) => sum + row[binOf(value)]!, 0) / probes.length;
  for (const [value, expected] of [
    [0, 0.5],
    [0.5, 0.35],
    [-0.03, 0.14],
    [40, 0.005],
    [90, 0.005],
  ] as const)
    assert.ok(Math.abs(share(value) - expected) < 4 * Math.sqrt((2 * expected) / 200 / 200), `share at ${value}: ${share(value)}`);
  assert.ok(Number.isNaN(binned([{ value: NaN, weight: 1 }])[0]));
});
