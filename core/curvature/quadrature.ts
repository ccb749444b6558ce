/** @file Spectral density and traces of an operator from random probes: stochastic Lanczos quadrature and Hutchinson's estimate, each with its error. */
import { norm } from '../metrics/moments.ts';
import { rng } from '../rng.ts';
import type { Products } from './ends.ts';
import { tridiagonalEigen } from './tridiagonal.ts';
import { dot } from './vectors.ts';

/** Where a measure has its mass: Σ weight = 1. */
export interface Atom {
  readonly value: number;
  readonly weight: number;
}

export interface Estimate {
  readonly value: number;
  /** Standard error over the probes. */
  readonly error: number;
}

/**
 * For each probe of independent signs z the quadrature of zᵀ f(A) z / n: Ritz values, weighted by the squares of their first components.
 * Source: Ubaru, Chen and Saad 2017.
 */
export function* lanczosQuadrature(
  size: number,
  { probes, rank, seed }: { probes: number; rank: number; seed: number },
): Products<Atom[][]> {
  const measures: Atom[][] = [];
  for (let probe = 0; probe < probes; probe++) {
    const basis = [rademacher(size, seed, probe).map((sign) => sign / Math.sqrt(size))];
    const [alpha, beta]: [number[], number[]] = [[], []];
    for (let j = 0; j < Math.min(rank, size); j++) {
      const w = Float64Array.from(yield basis[j]!);
      alpha.push(dot(w, basis[j]!));
      for (let pass = 0; pass < 2; pass++)
        for (const q of basis) {
          const share = dot(w, q);
          for (let i = 0; i < size; i++) w[i]! -= share * q[i]!;
        }
      const length = norm(w);
      if (length <= 1e-13 * Math.max(...alpha.map(Math.abs), ...beta, Number.MIN_VALUE) || j === Math.min(rank, size) - 1) break;
      beta.push(length);
      basis.push(w.map((value) => value / length));
    }
    measures.push(tridiagonalEigen(alpha, beta).map(({ value, vector }) => ({ value, weight: vector[0]! ** 2 })));
  }
  return measures;
}

/** Trace and Frobenius norm from zᵀAz and ‖Az‖², mean over probes of independent signs. Source: Hutchinson 1990. */
export function* hutchinson(
  size: number,
  { probes, seed }: { probes: number; seed: number },
): Products<{ trace: Estimate; frobenius: Estimate }> {
  const [traces, norms]: [number[], number[]] = [[], []];
  for (let probe = 0; probe < probes; probe++) {
    const z = rademacher(size, seed, probe);
    const image = yield z;
    traces.push(dot(z, image));
    norms.push(norm(image));
  }
  const largest = norms.reduce((most, x) => Math.max(most, x), 0) || 1; // squares neither under- nor overflow
  const square = estimate(norms.map((x) => (x / largest) ** 2));
  const root = Math.sqrt(square.value);
  return {
    trace: estimate(traces),
    frobenius: { value: largest * root, error: root > 0 ? (largest * square.error) / (2 * root) : 0 },
  };
}

/** Mean and its standard error; one sample has an infinite one. */
export function estimate(samples: readonly number[]): Estimate {
  const n = samples.length;
  const value = samples.reduce((sum, x) => sum + x, 0) / n;
  const error = n < 2 ? Infinity : norm(Float64Array.from(samples, (x) => x - value)) / Math.sqrt((n - 1) * n);
  return { value, error };
}

/** Densities over a grid: each measure's atoms as normal bells of width sigma, their mean and its standard error over the measures. */
export function smoothed(measures: readonly (readonly Atom[])[], grid: ArrayLike<number>, sigma: number): Estimate[] {
  const height = 1 / (sigma * Math.sqrt(2 * Math.PI));
  return Array.from(grid, (x) =>
    estimate(
      measures.map((atoms) =>
        atoms.reduce((sum, { value, weight }) => sum + weight * height * Math.exp(-(((x - value) / sigma) ** 2) / 2), 0),
      ),
    ),
  );
}

function rademacher(size: number, seed: number, probe: number): Float64Array {
  const random = rng(seed, 'probe', 1, probe);
  return Float64Array.from({ length: size }, () => random.rademacher());
}
