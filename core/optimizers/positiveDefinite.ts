/** @file Symmetric positive definite systems on the host, in float64, by Cholesky's factorization. */

/** Rows of the lower triangular R with R Rᵀ = A + λI, for A [n, n]. */
function factor(a: Float64Array, n: number, damping: number): Float64Array {
  const r = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let rest = (a[i * n + j]! + a[j * n + i]!) / 2 + (i === j ? damping : 0); // what was measured in float32 is symmetric up to rounding
      for (let k = 0; k < j; k++) rest -= r[i * n + k]! * r[j * n + k]!;
      if (i !== j) r[i * n + j] = rest / r[j * n + j]!;
      else if (rest > 0) r[i * n + i] = Math.sqrt(rest);
      else return r.fill(NaN); // a finding: the run that reaches it has diverged, or its damping is below the rounding of the products
    }
  return r;
}

/** x with (A + λI) x = b. */
export function solved(a: Float64Array, b: Float64Array, damping: number): Float64Array {
  const n = b.length;
  const r = factor(a, n, damping);
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= r[i * n + k]! * x[k]!;
    x[i]! /= r[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    x[i]! /= r[i * n + i]!;
    for (let k = 0; k < i; k++) x[k]! -= r[i * n + k]! * x[i]!; // column i of Rᵀ lies in row i of R
  }
  return x;
}

/** (A + λI)⁻¹ [n, n]: R⁻ᵀ R⁻¹. */
export function inverse(a: Float64Array, n: number, damping: number): Float64Array {
  const r = factor(a, n, damping);
  const q = new Float64Array(n * n); // R⁻¹, lower triangular
  for (let i = 0; i < n; i++) {
    const row = q.subarray(i * n, (i + 1) * n);
    for (let k = 0; k < i; k++) {
      const weight = r[i * n + k]!;
      const other = q.subarray(k * n, k * n + k + 1);
      for (let j = 0; j <= k; j++) row[j]! -= weight * other[j]!;
    }
    row[i] = 1;
    for (let j = 0; j <= i; j++) row[j]! /= r[i * n + i]!;
  }
  const out = new Float64Array(n * n);
  for (let k = 0; k < n; k++)
    for (let i = 0; i <= k; i++) {
      const weight = q[k * n + i]!;
      for (let j = 0; j <= k; j++) out[i * n + j]! += weight * q[k * n + j]!;
    }
  return out;
}
