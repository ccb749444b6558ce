/** @file Expected roughness of paths against drawn ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { correlated, correlationOf, fractionalNoise, pathFactor, type Law } from '../inits/paths.ts';
import { rng } from '../rng.ts';
import { expectedRoughness } from './pathRegularity.ts';

test('roughness of drawn paths: independent, fractional and smooth', () => {
  const random = rng(4, 'test');
  const layers = 40;
  const [count, tolerance] = [3_000, 0.02]; // five standard errors of the smoothest, whose paths have about six independent values
  for (const law of [{ hurst: 0.5 }, { hurst: 0.2 }, { hurst: 0.8 }, { kernelVariance: 0.01 }] as Law[]) {
    const [correlation, factor] = [correlationOf(layers, law), pathFactor(layers, law)];
    let [steps, spread] = [0, 0];
    for (let i = 0; i < count; i++) {
      const path = correlated(random, factor);
      const mean = path.reduce((sum, value) => sum + value, 0) / layers;
      for (let k = 0; k < layers; k++) {
        spread += (path[k]! - mean) ** 2 / layers;
        if (k > 0) steps += (path[k]! - path[k - 1]!) ** 2 / (layers - 1);
      }
    }
    const exact = expectedRoughness(layers, correlation);
    assert.ok(Math.abs(steps / (2 * spread) / exact - 1) < tolerance, `${steps / (2 * spread)}, exact ${exact}`);
  }
  assert.ok(Math.abs(expectedRoughness(layers, fractionalNoise(0.5)) - layers / (layers - 1)) < 1e-12);
});
