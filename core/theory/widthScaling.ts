/**
 * @file Exponents of the width m in integrable parameterizations (IP), ReLU, L hidden layers, centred independent weights, at
 * initialization and after one step. Source: Hajjar, Chizat and Giraud 2021 for the parameterizations; exponents derived.
 */

export interface WidthExponents {
  /** Of the output at initialization. */
  readonly output: number;
  /** Of the entries of the first update, at the step size of the parameterization. */
  readonly inputUpdate: number;
  readonly hiddenUpdate: number;
  readonly readoutUpdate: number;
  /** Of the first step's change of the output. */
  readonly outputChange: number;
}

/** Naive IP learns from three weight layers (L = 2) and stands still, as m grows, from four on (L ≥ 3). */
export function integrableExponents(hiddenLayers: number): WidthExponents {
  if (!Number.isInteger(hiddenLayers) || hiddenLayers < 2) throw new RangeError(`at least 2 hidden layers, got ${hiddenLayers}`);
  const L = hiddenLayers;
  return { output: -L / 2, inputUpdate: -(L - 1) / 2, hiddenUpdate: -(L - 2) / 2, readoutUpdate: -(L - 1) / 2, outputChange: -(L - 2) };
}

/**
 * At the start, behind the first layer (ℓ ≥ 2): how the units of a layer differ from each other against their mean where weights have mean 1, and how
 * inputs differ to a layer against its units where biases are not scaled.
 */
export const spreadExponents = (layer: number): { readonly ipNonCentred: number; readonly ipBias: number } => ({
  ipNonCentred: -1 / 2,
  ipBias: -(layer - 1) / 2,
});
