/** @file Every prediction against tables, Monte Carlo or an independent computation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng, type Rng } from '../rng.ts';
import { median } from '../statistics.ts';
import {
  batchNormExplosion,
  chainLaw,
  chainMedian,
  deadChance,
  linearLayerLaw,
  reluLayerLaw,
  sampleVarianceFractions,
} from './depthLaws.ts';
import {
  equilibriumAngle,
  equilibriumNorm,
  equilibriumTime,
  offSpanShare,
  offSpanShareWithMomentum,
  stabilityBound,
} from './equilibrium.ts';
import { digamma, trigamma } from './gamma.ts';
import { closedForms, deeper, geluSlope, gramOfHidden, halfCircle, quadrature } from './gramLaws.ts';
import { criticalExponent, logNormRatio, meanSquaredDisplacement } from './residualScaling.ts';
import { integrableExponents } from './widthScaling.ts';

const { abs, sqrt, log, PI } = Math;
const near = (got: number, want: number, tolerance: number, what = '') =>
  assert.ok(abs(got - want) <= tolerance, `${what}: ${got}, not ${want} (±${tolerance})`);
const moments = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
};

test('digamma and trigamma: known values to 1e-14 and the recurrence', () => {
  near(digamma(1), -0.5772156649015329, 1e-14);
  near(digamma(0.5), -0.5772156649015329 - 2 * Math.LN2, 1e-14);
  near(trigamma(1), PI ** 2 / 6, 1e-14);
  near(trigamma(0.5), PI ** 2 / 2, 1e-14);
  for (const x of [0.1, 2.3, 7, 19.5, 40, 1e6]) {
    near(digamma(x + 1) - digamma(x), 1 / x, 1e-14 * Math.max(1, 1 / x) + 1e-15 * abs(digamma(x)), `ψ at ${x}`);
    near(trigamma(x) - trigamma(x + 1), 1 / x ** 2, 1e-13 / Math.min(1, x ** 2), `ψ' at ${x}`);
  }
  assert.throws(() => digamma(0), /above 0, got 0/);
});

test('chains: log|w| has the mean and variance of the law, the product the median of the formula', () => {
  const random = rng(1, 'test');
  const n = 40_000;
  const laws = { uniform: () => sqrt(3) * (2 * random.uniform() - 1), normal: () => random.normal() };
  for (const [name, draw] of Object.entries(laws) as ['uniform' | 'normal', () => number][]) {
    const sample = moments(Array.from({ length: n }, () => log(abs(draw()))));
    near(sample.mean, chainLaw[name].mean, 5 * sqrt(chainLaw[name].variance / n), name);
    near(sample.variance, chainLaw[name].variance, 0.05, name);
  }
  const product = median(
    Array.from({ length: 20_000 }, () => Array.from({ length: 20 }, laws.uniform).reduce((sum, w) => sum + log(abs(w)), 0)),
  );
  near(product, chainMedian(20), 5 * 1.2533 * sqrt(20 / 20_000));
});

/** log of ‖y‖²/‖x‖² of one Gaussian layer, drawn `n` times; dead layers are left out. */
function layerSample(width: number, relu: boolean, n: number, random: Rng) {
  const values: number[] = [];
  const scale = (relu ? 2 : 1) / width;
  for (let i = 0; i < n; i++) {
    let square = 0;
    for (let k = 0; k < width; k++) {
      const h = random.normal(); // W x/‖x‖ for unit x and unit variance
      square += relu ? Math.max(h, 0) ** 2 : h * h;
    }
    if (square > 0) values.push(log(scale * square));
  }
  return moments(values);
}

test('layers: exact means and variances of the log-norm against Monte Carlo, within five standard errors', () => {
  const random = rng(2, 'test');
  const n = 20_000;
  for (const width of [4, 16, 64]) {
    for (const [law, relu] of [
      [linearLayerLaw(width), false],
      [reluLayerLaw(width), true],
    ] as const) {
      const sample = layerSample(width, relu, n, random);
      near(sample.mean, law.mean, 5 * sqrt(law.variance / n), `mean, width ${width}`);
      near(sample.variance / law.variance, 1, 0.12, `variance, width ${width}`);
    }
  }
});

test('wide layers approach -1/d, 2/d (linear) and -5/(2d), 5/d (ReLU)', () => {
  const d = 4_096;
  near(linearLayerLaw(d).mean * d, -1, 1e-3);
  near(linearLayerLaw(d).variance * d, 2, 2e-3);
  near(reluLayerLaw(d).mean * d, -2.5, 5e-3);
  near(reluLayerLaw(d).variance * d, 5, 1e-2);
  assert.throws(() => reluLayerLaw(2.5), /positive integer, got 2.5/);
});

test('dead networks, exploding batch norm and the decay of sample variance', () => {
  near(deadChance(8, 32), 1 - (1 - 2 ** -8) ** 32, 1e-15);
  near(deadChance(60, 10), 10 * 2 ** -60, 1e-30);
  near(batchNormExplosion, 1.2112, 1e-4);
  const fractions = sampleVarianceFractions(101);
  [0.682, 0.506, 0.264, 0.128, 0.052].forEach((want, i) => near(fractions[[1, 2, 5, 10, 20][i]!]!, want, 1e-3));
  near(fractions[100]! / ((9 * PI ** 2) / (2 * 100 ** 2)), 1, 0.25, 'asymptotically 9π²/2l²');
});

/** log norm ratio and squared displacement of res-3 networks drawn with Rademacher or Gaussian weights. */
function residual(depth: number, width: number, beta: number, draws: number, random: Rng) {
  const alpha = depth ** -beta;
  const results: { ratio: number; displacement: number }[] = [];
  for (let r = 0; r < draws; r++) {
    const h0 = Float64Array.from({ length: width }, () => random.normal());
    let h = h0;
    for (let k = 0; k < depth; k++) {
      // W h is Gaussian of variance ‖h‖²/d in each coordinate, and so is V a: no matrix has to be drawn
      const size = sqrt(h.reduce((sum, value) => sum + value * value, 0) / width);
      const activity = sqrt(h0.reduce((sum) => sum + Math.max(size * random.normal(), 0) ** 2, 0) / width);
      h = h.map((value) => value + alpha * activity * random.normal());
    }
    const norm = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0);
    results.push({ ratio: log(norm(h) / norm(h0)) / 2, displacement: norm(h.map((value, i) => value - h0[i]!)) / norm(h0) });
  }
  return results;
}

test('residual networks: displacement and log-normal law against simulation', () => {
  const random = rng(3, 'test');
  for (const beta of [1, 0.5]) {
    const drawn = residual(60, 40, beta, 600, random);
    const displacement = moments(drawn.map((each) => each.displacement));
    near(
      displacement.mean / meanSquaredDisplacement(60, beta),
      1,
      (5 * sqrt(displacement.variance / 600)) / displacement.mean,
      `β = ${beta}`,
    );
    const law = logNormRatio(60, 40, beta);
    const ratio = moments(drawn.map((each) => each.ratio));
    near(ratio.mean, law.mean, 5 * sqrt(law.variance / 600) + 0.01 * abs(law.mean), 'mean of the log ratio');
    near(ratio.variance / law.variance, 1, 0.35, 'variance of the log ratio');
  }
  near(sqrt(meanSquaredDisplacement(1e7, 0.5)), sqrt(Math.exp(0.5) - 1), 1e-6);
  near(logNormRatio(1e7, 100, 0.5).mean, 1 / 4 - 1 / 200, 1e-7);
  assert.deepEqual(
    [criticalExponent(0.3), criticalExponent(0.8), criticalExponent(0.8, 'res1'), criticalExponent(0.3, 'res1')],
    [0.5, 0.8, 0.8, null],
  );
});

/** SGD with momentum and coupled decay on a scale-invariant vector whose gradient has norm G/‖w‖ and a random tangential direction. */
function sphere(
  { learningRate, decay, momentum }: { learningRate: number; decay: number; momentum: number },
  steps: number,
  width: number,
  random: Rng,
) {
  let w = Float64Array.from({ length: width }, () => (2 * random.normal()) / sqrt(width));
  let u = new Float64Array(width);
  const norm = (values: Float64Array) => sqrt(values.reduce((sum, value) => sum + value * value, 0));
  const [fourth, angles]: [number[], number[]] = [[], []];
  for (let t = 0; t < steps; t++) {
    const noise = Float64Array.from({ length: width }, () => random.normal());
    const along = noise.reduce((sum, value, i) => sum + value * w[i]!, 0) / norm(w) ** 2;
    const tangent = noise.map((value, i) => value - along * w[i]!);
    const scale = 1 / norm(w) / norm(tangent); // G = 1
    u = u.map((value, i) => momentum * value + scale * tangent[i]! + decay * w[i]!);
    const before = w;
    w = w.map((value, i) => value - learningRate * u[i]!);
    if (t < steps / 2) continue;
    fourth.push(norm(w) ** 4);
    const cosine = w.reduce((sum, value, i) => sum + value * before[i]!, 0) / norm(w) / norm(before);
    angles.push(Math.acos(Math.min(1, cosine)));
  }
  return {
    norm: (fourth.reduce((sum, value) => sum + value, 0) / fourth.length) ** 0.25,
    angle: sqrt(moments(angles).mean ** 2 + moments(angles).variance),
  };
}

test('equilibrium norm and angle of weight decay, with and without momentum, to 5%', () => {
  for (const momentum of [0, 0.9]) {
    const decay = { learningRate: 0.1, decay: 5e-3, momentum };
    const found = sphere(decay, 6_000, 200, rng(4, 'test'));
    near(found.norm / equilibriumNorm(decay, 1), 1, 0.05, `norm, μ = ${momentum}`);
    near(found.angle / equilibriumAngle(decay), 1, 0.05, `angle, μ = ${momentum}`);
  }
  near(equilibriumTime({ learningRate: 0.1, decay: 5e-3, momentum: 0.9 }), 50, 1e-12);
});

test('shares outside the span and stability bounds', () => {
  near(offSpanShare({ learningRate: 0.1, decay: 0.05 }, 400), 0.995 ** 400, 1e-15);
  near(offSpanShareWithMomentum({ learningRate: 0.1, decay: 0.05, momentum: 0 }, 400), 0.995 ** 400, 1e-12);
  near(offSpanShareWithMomentum({ learningRate: 0.02, decay: 0.05, momentum: 0.9 }, 400), 0.01285, 1e-4);
  // heavy ball and Nesterov on a quadratic: just below the bound the iterates shrink, just above they grow
  const grows = (kind: 'gradientDescent' | 'momentum' | 'nesterov', sharpness: number, mu: number) => {
    let [x, u] = [1, 0];
    for (let t = 0; t < 20_000; t++) {
      const g = sharpness * x;
      u = mu * u + g;
      x -= 0.1 * (kind === 'gradientDescent' ? g : kind === 'momentum' ? u : g + mu * u);
      if (abs(x) > 1e6) return true;
    }
    return abs(x) > 1;
  };
  for (const kind of ['gradientDescent', 'momentum', 'nesterov'] as const) {
    const mu = kind === 'gradientDescent' ? 0 : 0.7;
    const bound = stabilityBound(kind, 0.1, mu);
    assert.equal(grows(kind, 0.99 * bound, mu), false, kind);
    assert.equal(grows(kind, 1.01 * bound, mu), true, kind);
  }
});

const erf = (x: number) => {
  let [term, sum] = [x, x];
  for (let n = 1; n < 300; n++) sum += (term *= (-x * x) / n) / (2 * n + 1);
  return abs(x) > 6 ? Math.sign(x) : (2 / sqrt(PI)) * sum;
};
const density = (x: number) => Math.exp((-x * x) / 2) / sqrt(2 * PI);

test('kernels in closed form against quadrature, values and slopes', () => {
  const scalars = {
    relu: [{ value: (x: number) => Math.max(x, 0), slope: (x: number) => (x > 0 ? 1 : 0) }, 2e-3],
    leakyRelu: [{ value: (x: number) => (x > 0 ? x : 0.01 * x), slope: (x: number) => (x > 0 ? 1 : 0.01) }, 2e-3],
    erf: [{ value: erf, slope: (x: number) => (2 / sqrt(PI)) * Math.exp(-x * x) }, 1e-10],
    quadratic: [{ value: (x: number) => x * x, slope: (x: number) => 2 * x }, 1e-10],
    cubic: [{ value: (x: number) => x ** 3, slope: (x: number) => 3 * x * x }, 1e-9],
    sine: [{ value: Math.sin, slope: Math.cos }, 1e-12],
    linear: [{ value: (x: number) => x, slope: () => 1 }, 1e-12],
  } as const;
  for (const [name, [scalar, tolerance]] of Object.entries(scalars)) {
    const [closed, sampled] = [closedForms[name]!(), quadrature(scalar)];
    for (const rho of [-0.7, 0, 0.37, 0.9]) {
      near(closed.slope(rho), sampled.slope(rho), tolerance, `${name} slope at ${rho}`);
      near(closed.value(rho), sampled.value(rho), tolerance, `${name} value at ${rho}`);
    }
  }
  const gelu = quadrature({
    value: (x) => (x * (1 + erf(x / Math.SQRT2))) / 2,
    slope: (x) => (1 + erf(x / Math.SQRT2)) / 2 + x * density(x),
  });
  for (const rho of [-0.5, 0.37, 0.9]) near(geluSlope(rho), gelu.slope(rho), 1e-9, `gelu at ${rho}`);
});

test('Gram matrices: the diagonal is k₁(1), deeper correlations keep 1 on it', () => {
  const correlations = halfCircle(8);
  const { slope, value } = closedForms.erf!();
  const gram = gramOfHidden(correlations, slope);
  gram.forEach((row, i) => near(row[i]!, slope(1), 1e-15));
  deeper(correlations, value).forEach((row, i) => row.forEach((rho, j) => assert.ok(i === j ? abs(rho - 1) < 1e-15 : abs(rho) < 1)));
});

test('width exponents: three weight layers learn, four or more stand still', () => {
  assert.equal(integrableExponents(2).outputChange, -0);
  assert.equal(integrableExponents(4).hiddenUpdate, -1);
  assert.equal(integrableExponents(3).output, -1.5);
  assert.throws(() => integrableExponents(1), /at least 2 hidden layers, got 1/);
});
