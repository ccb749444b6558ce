/**
 * @file Residual networks h ← h + α V φ(W h), α = L^-β, at initialization: exact second moments and the log-normal law for independent
 * weights, and the scaling that weights correlated over depth ask for. Source: Marion, Fermanian, Biau and Vert 2025; formulas derived.
 */

/** E‖h_L - h_0‖²/‖h_0‖² for res-3 with ReLU and symmetric entries of variance 1/d: (1 + α²/2)^L - 1. */
export const meanSquaredDisplacement = (depth: number, beta: number): number => Math.expm1(depth * Math.log1p(depth ** (-2 * beta) / 2));

/** log(‖h_L‖/‖h_0‖) is close to normal with this mean and variance; at β = ½ it tends to N(1/4 - 1/(2d), 1/(2d)). */
export function logNormRatio(depth: number, width: number, beta: number): { readonly mean: number; readonly variance: number } {
  const square = depth ** (-2 * beta);
  return {
    mean: (depth * Math.log1p(square / 2) - (square * depth) / width) / 2,
    variance: (square * depth) / (2 * width),
  };
}

/**
 * The exponent β at which a residual network neither becomes the identity nor explodes, for weights whose paths over depth are
 * fractional noise of Hurst index H (H = 1 for a smooth path, ½ for independent weights).
 *
 * res-3: max(½, H), because E φ(W h) ≠ 0 adds up coherently. res-1: H from ½ on; below, only that it lies under ½.
 */
export const criticalExponent = (hurst: number, branch: 'res3' | 'res1' = 'res3'): number | null =>
  branch === 'res3' ? Math.max(0.5, hurst) : hurst >= 0.5 ? hurst : null;
