/** @file Residual networks h ← h + L^-β V φ(W h) at initialization, with weights independent or correlated over depth. */
import { correlated, fractionalNoise, rbfIncrements, toeplitzFactor } from '../../inits/paths.ts';
import { rng, type Rng } from '../../rng.ts';

export interface Residual {
  readonly width: number;
  readonly depth: number;
  readonly beta: number;
  readonly law: 'independent' | 'rbf' | { readonly hurst: number };
}

const squared = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0);

/** ‖h_L - h_0‖/‖h_0‖ and ‖h_L‖/‖h_0‖ of one network of res-3 blocks with ReLU and entries of variance 1/d. */
export function displacement(options: Residual, seed: number, draw: number): { readonly moved: number; readonly ratio: number } {
  const { width, depth, beta, law } = options;
  const random = rng(seed, 'init', draw, depth);
  const start = Float64Array.from({ length: width }, () => random.uniform());
  const h = start.slice();
  const scale = depth ** -beta;
  const weights = law === 'independent' ? null : pathsOf(options, random);
  for (let k = 0; k < depth; k++) {
    if (weights) step(h, weights.w[k]!, weights.v[k]!, scale);
    else {
      // W h is Gaussian of variance ‖h‖²/d in each coordinate, and so is V φ(W h): no matrix has to be drawn
      const size = Math.sqrt(squared(h) / width);
      let active = 0;
      for (let i = 0; i < width; i++) active += Math.max(0, size * random.normal()) ** 2;
      const spread = scale * Math.sqrt(active / width);
      for (let i = 0; i < width; i++) h[i]! += spread * random.normal();
    }
  }
  const moved = h.map((value, i) => value - start[i]!);
  return { moved: Math.sqrt(squared(moved) / squared(start)), ratio: Math.sqrt(squared(h) / squared(start)) };
}

function step(h: Float64Array, w: Float64Array, v: Float64Array, scale: number): void {
  const width = h.length;
  const inner = new Float64Array(width);
  for (let i = 0; i < width; i++) {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += w[i * width + j]! * h[j]!;
    inner[i] = Math.max(0, sum);
  }
  for (let i = 0; i < width; i++) {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += v[i * width + j]! * inner[j]!;
    h[i]! += scale * sum;
  }
}

/** Kernels whose entries follow a path over depth each. The correlations are factored once for all of them. */
function pathsOf({ width, depth, law }: Residual, random: Rng): { w: Float64Array[]; v: Float64Array[] } {
  const factor = factorOf(depth, law);
  const kernels = () => {
    const all = Array.from({ length: depth }, () => new Float64Array(width * width));
    for (let at = 0; at < width * width; at++) correlated(random, factor).forEach((value, k) => (all[k]![at] = value / Math.sqrt(width)));
    return all;
  };
  return { w: kernels(), v: kernels() };
}

const factors = new Map<string, readonly Float64Array[]>();
function factorOf(depth: number, law: Residual['law']): readonly Float64Array[] {
  const key = `${depth} ${JSON.stringify(law)}`;
  const known = factors.get(key);
  if (known) return known;
  const correlation = law === 'rbf' ? rbfIncrements(depth, 0.01) : fractionalNoise(typeof law === 'object' ? law.hurst : 0.5);
  const made = toeplitzFactor(depth, correlation);
  factors.set(key, made);
  return made;
}
