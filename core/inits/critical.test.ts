/** @file The edge of chaos against conditions written down with another quadrature, against points worked out by hand, and where there is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InitRequest } from '../define.ts';
import { smallSpec } from '../programs/steps.fixture.ts';
import { criticalPoint } from './critical.ts';

const { sqrt, abs, exp } = Math;
const tanhs: InitRequest['activation'] = (points) => ({ value: points.map(Math.tanh), slope: points.map((x) => 1 - Math.tanh(x) ** 2) });
const relus: InitRequest['activation'] = (points) => ({
  value: points.map((x) => Math.max(x, 0)),
  slope: points.map((x) => (x > 0 ? 1 : 0)),
});

test('the edge of chaos: √2 for ReLU, 1 for tanh without biases; with biases both equations hold', () => {
  assert.ok(abs(criticalPoint(relus, 0)!.variance - 2) < 1e-6);
  assert.ok(abs(criticalPoint(tanhs, 0)!.variance - 1) < 1e-6);
  for (const sigmaB of [0.1, 0.5, 1]) {
    const { variance, q } = criticalPoint(tanhs, sigmaB)!;
    // independent quadrature: the midpoint rule on another grid
    const mean = (f: (x: number) => number) => {
      let sum = 0;
      for (let i = 0; i < 20_000; i++) {
        const z = -8 + (16 * (i + 0.5)) / 20_000;
        sum += (f(sqrt(q) * z) ** 2 * exp((-z * z) / 2) * 16) / 20_000 / sqrt(2 * Math.PI);
      }
      return sum;
    };
    assert.ok(abs(variance * mean((x) => 1 - Math.tanh(x) ** 2) - 1) < 1e-8);
    assert.ok(abs(variance * mean(Math.tanh) + sigmaB ** 2 - q) < 1e-8);
  }
});

test('critical points of x², ReLU and a shifted line are those worked out by hand; where there is none the spec is refused', () => {
  const squares: InitRequest['activation'] = (points) => ({ value: points.map((x) => x * x), slope: points.map((x) => 2 * x) });
  // 4q σ_w² = 1 and q = 3q² σ_w² + σ_b², so q = 4 σ_b²
  for (const sigmaB of [0.3, 2]) {
    const { q, variance } = criticalPoint(squares, sigmaB)!;
    assert.ok(abs(q / (4 * sigmaB ** 2) - 1) < 1e-9 && abs(variance * 16 * sigmaB ** 2 - 1) < 1e-9);
  }
  assert.equal(criticalPoint(squares, 0), null);
  assert.ok(abs(criticalPoint(relus, 0.5)!.variance - 2) < 1e-6, 'critical for every variance of pre-activations');
  // a line with an offset: σ_w = 1, and the variance grows by 1 in every layer
  assert.equal(
    criticalPoint((points) => ({ value: points.map((x) => x + 1), slope: points.map(() => 1) }), 0),
    null,
  );
  const refused = (changes: object, message: RegExp) => assert.throws(() => smallSpec({ ...changes }), message);
  refused(
    { init: 'criticalGaussian', activation: 'softplus' },
    /init: criticalGaussian: with biases of deviation sigmaB 0 no variance .* for softplus/,
  );
  refused({ init: 'criticalGaussian', activation: 'threshold' }, /that of threshold is another function’s/);
  for (const network of [
    { kind: 'mlpChain', depth: 3, width: 4, bias: false },
    { kind: 'mlpChain', depth: 3, width: 4, normalization: 'batchNorm' },
  ])
    refused({ init: { kind: 'criticalGaussian', sigmaB: 0.3 }, activation: 'tanh', network }, /every layer needs a bias/);
  smallSpec({ init: { kind: 'criticalGaussian', sigmaB: 0.3 }, activation: 'quadratic' });
  refused({ init: 'smooth', network: { kind: 'twoLayer', width: 5 } }, /init: smooth ties the weights of layers of one shape/);
});
