/** @file The edge of chaos: the variance of weights at which, for an activation, nearby inputs neither meet nor part. */
import type { InitRequest } from '../define.ts';

// the trapezoid rule on a fine grid: exact to rounding for smooth φ; an even number of nodes keeps 0, where φ may have its kink, between two
const reach = 8.5;
const nodes = 4_000;
const grid = Float64Array.from({ length: nodes }, (_, i) => -reach + (2 * reach * i) / (nodes - 1));
const weights = grid.map((z) => (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * ((2 * reach) / (nodes - 1)));

/**
 * σ_w² and the fixed point q of the pre-activations' variance, with σ_w² E φ′(√q z)² = 1 and q = σ_w² E φ(√q z)² + σ_b².
 * Where every q would do (ReLU) or none but 0 (tanh without biases) the limit is given.
 */
export function criticalWeightVariance(activation: InitRequest['activation'], sigmaB: number): { variance: number; q: number } {
  const moments = (q: number) => {
    const { value, slope } = activation(grid.map((z) => Math.sqrt(q) * z));
    const mean = (of: Float64Array) => of.reduce((sum, y, i) => sum + weights[i]! * y * y, 0);
    return { value: mean(value), slope: mean(slope) };
  };
  const excess = (q: number) => {
    const { value, slope } = moments(q);
    return value / slope + sigmaB ** 2 - q;
  };
  const at = (q: number) => ({ variance: 1 / moments(q).slope, q });
  if (sigmaB === 0) return at(Math.abs(excess(1)) < 1e-5 ? 1 : 1e-9);
  let [low, high] = [1e-9, 1e4];
  if (!(excess(low) > 0 && excess(high) < 0)) return at(1); // no fixed point, as for ReLU with biases: variances grow, correlations do not
  for (let i = 0; i < 200; i++) {
    const middle = Math.sqrt(low * high);
    if (excess(middle) > 0) low = middle;
    else high = middle;
  }
  return at(low);
}
