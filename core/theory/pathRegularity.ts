/** @file How rough a weight is along the depth, and its Hurst index, for given correlations between layers. Derived from Marion, Fermanian, Biau and Vert 2025. */
import type { Correlation } from '../inits/paths.ts';

/**
 * Mean square of the steps of a stationary path over twice its mean variance along the depth: (1 - ρ₁)/(1 - ρ̄), ρ̄ the mean correlation over all
 * pairs of layers. 1 + 1/(L - 1) for independent layers, near 0 for smooth ones.
 */
export function expectedRoughness(layers: number, correlation: Correlation): number {
  let mean = 1 / layers;
  for (let lag = 1; lag < layers; lag++) mean += (2 * (layers - lag) * correlation(lag)) / layers ** 2;
  return (1 - correlation(1)) / (1 - mean);
}
