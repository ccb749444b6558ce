/**
 * @file How norms fall with depth at initialization: products of scalar weights, and log-norms of wide layers.
 *
 * log of ‖x_L‖²/‖x_0‖² is a sum of independent terms, one a layer, so it is close to normal: the mean of the ratio can stay 1 while its
 * median falls exponentially. Here are the terms' exact means and variances. Sources: Orvieto et al. 2022 for the phenomenon; the
 * formulas are derived here and checked against Monte Carlo.
 */
import { digamma, trigamma } from './gamma.ts';

/** Law of the logarithm of a ratio of norms, per layer. */
export interface LogLaw {
  readonly mean: number;
  readonly variance: number;
}

const eulerGamma = 0.5772156649015329;

/** log|w| of one weight of variance 1: the slope of a chain of width 1 per layer. */
export const chainLaw: Readonly<Record<'uniform' | 'normal', LogLaw>> = {
  uniform: { mean: Math.log(Math.sqrt(3)) - 1, variance: 1 },
  normal: { mean: -(eulerGamma + Math.LN2) / 2, variance: Math.PI ** 2 / 8 },
};

/**
 * Median of log|w₁ ⋯ w_k| for uniform weights of variance 1: k log √3 less the median of a gamma law of shape k, which is k - 1/3 up to
 * 0.01 from k = 5 on.
 */
export const chainMedian = (factors: number): number => factors * Math.log(Math.sqrt(3)) - (factors - 1 / 3);

/** log of ‖W x‖²/‖x‖² for Gaussian W of variance 1/d: ψ(d/2) - log(d/2), ψ′(d/2). */
export function linearLayerLaw(width: number): LogLaw {
  checkWidth(width);
  return { mean: digamma(width / 2) - Math.log(width / 2), variance: trigamma(width / 2) };
}

/** As above for ReLU and variance 2/d, given that the layer is not dead: a mixture over the number K of active units, binomial. */
export function reluLayerLaw(width: number): LogLaw {
  checkWidth(width);
  const logProbability = logBinomialHalf(width);
  let [total, first, second, inner] = [0, 0, 0, 0];
  for (let k = 1; k <= width; k++) {
    const p = Math.exp(logProbability(k));
    const value = digamma(k / 2) + Math.log(4 / width);
    total += p;
    first += p * value;
    second += p * value * value;
    inner += p * trigamma(k / 2);
  }
  const mean = first / total;
  return { mean, variance: inner / total + second / total - mean ** 2 };
}

/** Chance that some layer up to depth L has no active unit, without biases: 1 - (1 - 2^-d)^L. */
export const deadChance = (width: number, depth: number): number => -Math.expm1(depth * Math.log1p(-(2 ** -width)));

/** Factor by which the norm of the gradient grows per layer, backwards, in a deep ReLU chain with batch norm: √(π/(π - 1)). */
export const batchNormExplosion = Math.sqrt(Math.PI / (Math.PI - 1));

/**
 * Share of a ReLU layer's squared activity that varies over uncorrelated inputs (the sample variance), pre-activations of layer 1…L.
 * He keeps the total, correlations go to 1 (Luther and Seung 2019): fraction 1 - c with the map below.
 */
export function sampleVarianceFractions(depth: number): number[] {
  const fractions: number[] = [];
  for (let [layer, c] = [1, 0]; layer <= depth; layer++) {
    fractions.push(1 - c);
    c = (Math.sqrt(1 - c * c) + (Math.PI - Math.acos(c)) * c) / Math.PI;
  }
  return fractions;
}

function checkWidth(width: number): void {
  if (!Number.isInteger(width) || width < 1) throw new RangeError(`a layer's width must be a positive integer, got ${width}`);
}

/** log of C(d, k)/2^d, by sums of logarithms so that wide layers do not underflow. */
function logBinomialHalf(width: number): (k: number) => number {
  const logFactorial = new Float64Array(width + 1);
  for (let n = 2; n <= width; n++) logFactorial[n] = logFactorial[n - 1]! + Math.log(n);
  return (k) => logFactorial[width]! - logFactorial[k]! - logFactorial[width - k]! - width * Math.LN2;
}
