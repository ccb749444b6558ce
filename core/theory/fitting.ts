/**
 * @file Gradient descent on half the mean square of a wide network, whose Gram matrix stays what it was: residuals follow r ← (I - ηG/n) r.
 * Source: Du, Zhai, Póczos and Singh 2019.
 */
import { eigenbasis, symmetricEigen } from '../curvature/symmetric.ts';
import { dot } from '../curvature/vectors.ts';

export interface Fitting {
  /** Loss after t steps, in the mean over networks. */
  loss(steps: number): number;
  /** The rate that makes the largest eigenvalue's residual vanish at once: n/λ_max. */
  readonly fastest: number;
}

/**
 * @param gram G [n, n]
 * @param outputs E f fᵀ at the start [n, n], of mean 0 and independent of the targets
 * @param learningRate n/λ_max where it is not given
 */
export function fitting(
  gram: readonly Float64Array[],
  outputs: readonly Float64Array[],
  targets: Float64Array,
  learningRate?: number,
): Fitting {
  const n = gram.length;
  const eigen = symmetricEigen(Float64Array.from(gram.flatMap((row) => [...row])), n);
  const fastest = n / eigen.values[0]!;
  const rate = learningRate ?? fastest;
  // energy of the first residual along each eigenvector
  const energies = eigenbasis(eigen, [...eigen.values.keys()]).map((v, i) => {
    const along = Float64Array.from(outputs, (row) => dot(row, v));
    return { factor: 1 - (rate * eigen.values[i]!) / n, energy: dot(v, targets) ** 2 + dot(v, along) };
  });
  return { fastest, loss: (steps) => energies.reduce((sum, { factor, energy }) => sum + factor ** (2 * steps) * energy, 0) / (2 * n) };
}
