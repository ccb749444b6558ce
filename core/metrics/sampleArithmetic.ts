/** @file What several metrics of a probe batch share: rows of samples, and the noise of their gradients from inner products alone. */
import type { Matrix } from '../curvature/singular.ts';
import { perLayer, type Batch } from './moments.ts';

/** Each sample's values, all positions of it. */
export function samplesOf({ samples, positions, size, values }: Batch): Float64Array[] {
  const width = positions * size;
  return Array.from({ length: samples }, (_, i) => values.subarray(i * width, (i + 1) * width));
}

export interface GradientNoise {
  /**
   * Unbiased square of the expected gradient: the mean of ⟨gᵢ, gⱼ⟩ over i ≠ j, that is ‖ḡ‖² - tr Σ/B. At or below 0 where the samples are too few
   * to tell it from noise.
   */
  readonly square: number;
  /** Unbiased trace of the covariance of the gᵢ; NaN for one sample, 0 where rounding has swallowed it. */
  readonly trace: number;
}

/** @param products ⟨gᵢ, gⱼ⟩, [B, B] */
export function gradientNoise(products: Float64Array): GradientNoise {
  const n = Math.sqrt(products.length);
  let [all, own] = [0, 0];
  products.forEach((value, at) => {
    all += value;
    if (at % (n + 1) === 0) own += value;
  });
  const meanSquare = all < 0 ? 0 : all / n ** 2; // rounding may go below zero
  const spread = own - n * meanSquare;
  const trace = n > 1 ? (spread < n * 1e-15 * own ? 0 : spread) / (n - 1) : NaN;
  return { square: meanSquare - trace / n, trace };
}

/** A number of each layer from the products ⟨gᵢ, gⱼ⟩ of its samples' gradients; NaN where they are not known. */
export const ofGradients = (of: (products: Float64Array) => number) =>
  perLayer(({ gradientProducts }: { readonly gradientProducts: () => Float64Array | null }) => {
    const products = gradientProducts();
    return products ? of(products) : NaN;
  });

/** Sum over the layers whose gradients are known; NaN where there are none. */
export function totalNoise(layers: readonly { readonly gradientProducts: () => Float64Array | null }[]): GradientNoise {
  const parts = layers.flatMap(({ gradientProducts }) => {
    const products = gradientProducts();
    return products ? [gradientNoise(products)] : [];
  });
  if (parts.length === 0) return { square: NaN, trace: NaN };
  return { square: parts.reduce((sum, { square }) => sum + square, 0), trace: parts.reduce((sum, { trace }) => sum + trace, 0) };
}

/** Mean |x W| over rows x and columns. */
export function meanSize(input: Batch, { columns, values }: Matrix): number {
  const rows = input.samples * input.positions;
  const row = new Float64Array(columns);
  let total = 0;
  for (let b = 0; b < rows; b++) {
    row.fill(0);
    for (let i = 0; i < input.size; i++) {
      const x = input.values[b * input.size + i]!;
      for (let j = 0; j < columns; j++) row[j]! += x * values[i * columns + j]!;
    }
    for (const value of row) total += Math.abs(value);
  }
  return total / (rows * columns);
}
