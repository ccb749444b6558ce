/** @file Arithmetic of vectors in float64. */

/** Σ aᵢ bᵢ */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** target ← target - factor · vector */
export function subtract(target: Float64Array, factor: number, vector: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i]! -= factor * vector[i]!;
}
