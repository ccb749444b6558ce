/** @file The cosine of coarse and true gradient against loops over samples and a Monte Carlo gradient of the network with smoothed thresholds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measured, open } from '../programs/samples.fixture.ts';
import { dot, norm, smallSpec } from '../programs/steps.fixture.ts';
import { rng } from '../rng.ts';

const [d, m] = [5, 6];
const spec = (changes: object = {}) =>
  smallSpec({
    network: { kind: 'twoLayer', width: m, exponent: 0.5 },
    activation: { kind: 'threshold', backward: 'identity' },
    loss: 'meanSquaredError',
    dataset: { kind: 'teacherStudent', inputs: d, width: 3, teacher: 'threshold', readout: 'signs', train: 1500 },
    metrics: { probeSize: 1000, host: ['coarseGradientCosine'] },
    ...changes,
  });
const stands: Record<string, (h: number) => number> = {
  identity: () => 1,
  relu: (h) => (h > 0 ? 1 : 0),
  clippedRelu: (h) => (h > 0 && h <= 1 ? 1 : 0),
  clippedIdentity: (h) => (h > -1 && h <= 1 ? 1 : 0),
};

const random = rng(2, 'test', 5);
const drawn = Float64Array.from({ length: 300_000 * d }, () => random.normal());

for (const [backward, stand] of Object.entries(stands))
  test(`${backward}: the cosine is that of loops and of a smoothed threshold on 300,000 drawn inputs, to 0.02`, () => {
    const opened = open(spec({ activation: { kind: 'threshold', backward } }));
    const { metrics } = measured(opened, opened.now);
    const [kernel, readout] = ['hidden.weight', 'readout.weight'].map((name) => opened.now.get(name)!) as [Float64Array, Float64Array];
    const { weights, readout: signs } = opened.train.teacher!;
    /** Sum over samples of (f - f*) r_k s(h_k) x, for s as given. */
    const summed = (inputs: Float64Array, s: (h: number) => number) => {
      const total = new Float64Array(d * m);
      for (let at = 0; at < inputs.length; at += d) {
        const x = inputs.subarray(at, at + d);
        const h = Array.from({ length: m }, (_, k) => x.reduce((sum, value, i) => sum + value * kernel[i * m + k]!, 0));
        const f = h.reduce((sum, value, k) => sum + (value > 0 ? readout[k]! / Math.sqrt(m) : 0), 0);
        const error = weights.reduce((rest, w, k) => rest - (dot(w, x) > 0 ? signs[k]! : 0), f);
        for (let k = 0; k < m; k++) {
          const slope = (error * readout[k]! * s(h[k]!)) / Math.sqrt(m);
          if (slope !== 0) for (let i = 0; i < d; i++) total[i * m + k]! += slope * x[i]!;
        }
      }
      return total;
    };
    const coarse = summed(opened.pick(opened.train.inputs, d, opened.rows), stand);
    const width = 0.1;
    const smooth = summed(drawn, (h) =>
      Math.abs(h) > 6 * width ? 0 : Math.exp(-((h / width) ** 2) / 2) / (width * Math.sqrt(2 * Math.PI)),
    );
    const expected = dot(coarse, smooth) / (norm(coarse) * norm(smooth));
    const [cosine] = metrics.coarseGradientCosine!;
    assert.ok(Math.abs(cosine! - expected) < 0.02, `${cosine}, not ${expected}`);
  });

test('where no closed form is known there is no such metric', () => {
  for (const changes of [
    { activation: 'tanh' },
    { network: { kind: 'twoLayer', width: m, bias: true } },
    { network: { kind: 'mlpChain', depth: 1, width: m } },
    { dataset: { kind: 'teacherStudent', inputs: d, teacher: 'relu', train: 1500 } },
  ]) {
    const opened = open(spec(changes));
    assert.equal(measured(opened, opened.now).metrics.coarseGradientCosine, undefined);
  }
});
