/**
 * @file Tails of stochastic gradient descent: the index of the stationary law of a random linear recursion, and its estimate from samples.
 *
 * x ← (1 - η h) x + noise with h = mean of b squared standard normals has a stationary law whose tail falls like t^-α, where
 * E|1 - η h|^α = 1. Sources: Kesten 1973; Gürbüzbalaban, Simsekli and Zhu 2021; estimator: Mohammadi, Mohammadpour and Ogata 2015.
 */
import type { Rng } from '../rng.ts';

/** E|1 - ηh|^α by the trapezoidal rule in u = log h, where the density of h = χ²_b/b times h is smooth and falls fast. */
export function contraction(learningRate: number, batch: number, alpha: number): number {
  let [total, weight] = [0, 0];
  for (let u = -40 / batch - 6; u <= 4.5; u += 1e-3) {
    const h = Math.exp(u);
    const density = Math.exp((batch / 2) * (u - h)); // up to a constant
    total += density * Math.abs(1 - learningRate * h) ** alpha;
    weight += density;
  }
  return total / weight;
}

/** The α > 0 with E|1 - ηh|^α = 1; Infinity where no step stretches enough, NaN where the recursion does not settle. */
export function tailExponent(learningRate: number, batch: number): number {
  if (!(learningRate > 0) || !Number.isInteger(batch) || batch < 1)
    throw new RangeError(`tailExponent takes a rate above 0 and a batch from 1, got ${learningRate} and ${batch}`);
  // E log|1 - ηh| < 0 is what makes it settle: the curve of E|1 - ηh|^α then starts downwards from 1 at α = 0
  if (contraction(learningRate, batch, 1e-3) >= 1) return NaN;
  let [low, high] = [1e-3, 2];
  while (contraction(learningRate, batch, high) < 1) {
    [low, high] = [high, 2 * high];
    if (high > 200) return Infinity;
  }
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (contraction(learningRate, batch, middle) < 1) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** 1/α = (mean log|sums of K| - mean log|X|)/log K; at most about 2, the index of everything with a variance. */
export function stableIndex(samples: ArrayLike<number>, length: number): number {
  const blocks = Math.floor(samples.length / length);
  if (length < 2 || blocks < 1) throw new RangeError(`stableIndex takes blocks of 2 or more, and at least one, got ${blocks} of ${length}`);
  let [one, block] = [0, 0];
  for (let k = 0; k < blocks; k++) {
    let sum = 0;
    for (let i = k * length; i < (k + 1) * length; i++) {
      sum += samples[i]!;
      one += Math.log(Math.abs(samples[i]!)) / (blocks * length);
    }
    block += Math.log(Math.abs(sum)) / blocks;
  }
  return Math.log(length) / (block - one);
}

/** A symmetric α-stable number of scale 1. Source: Chambers, Mallows and Stuck 1976. */
export function stableDraw(random: Rng, alpha: number): number {
  const u = Math.PI * (random.uniform() - 0.5);
  const e = -Math.log(1 - random.uniform());
  if (alpha === 1) return Math.tan(u);
  return (Math.sin(alpha * u) / Math.cos(u) ** (1 / alpha)) * (Math.cos((1 - alpha) * u) / e) ** ((1 - alpha) / alpha);
}
