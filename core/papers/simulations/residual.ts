/** @file Residual networks h ← h + L^-β V φ(W h) at initialization: how far the signal and its gradient travel, for weights independent or correlated over depth. */
import { correlated, pathFactor, type Factor } from '../../inits/paths.ts';
import { rng, type Rng } from '../../rng.ts';

/** How a weight depends on its block: independent, a smooth path, or noise of a Hurst index. */
export type PathLaw = 'independent' | 'rbf' | { readonly hurst: number };

/** Of one network: h from the first layer to the last, p = ∂f/∂h from the last to the first. */
export interface Signals {
  /** ‖h_L - h_0‖/‖h_0‖ */
  readonly moved: number;
  /** ‖h_L‖/‖h_0‖ */
  readonly ratio: number;
  /** ‖p_0 - p_L‖/‖p_L‖ */
  readonly gradientMoved: number;
  /** ‖p_0‖/‖p_L‖ */
  readonly gradientRatio: number;
}

const squared = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0);
const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

function compared(h: Float64Array, start: Float64Array, p: Float64Array, end: Float64Array): Signals {
  const far = (a: Float64Array, b: Float64Array) => Math.sqrt(squared(a.map((value, i) => value - b[i]!)) / squared(b));
  const ratio = (a: Float64Array, b: Float64Array) => Math.sqrt(squared(a) / squared(b));
  return { moved: far(h, start), ratio: ratio(h, start), gradientMoved: far(p, end), gradientRatio: ratio(p, end) };
}

/** One network of res-3 blocks with ReLU and entries of variance 1/d, one input uniform in [0, 1], one random readout; the same weights at every β where they are paths. */
export function signals(width: number, depth: number, betas: readonly number[], law: PathLaw, seed: number, draw: number): Signals[] {
  const random = rng(seed, 'init', draw, depth);
  const start = Float64Array.from({ length: width }, () => random.uniform());
  if (law === 'independent') return betas.map((beta) => independent(start, depth, depth ** -beta, random));
  const kernels = { w: paths(width, depth, law, random), v: paths(width, depth, law, random) };
  const end = Float64Array.from({ length: width }, () => random.normal());
  return betas.map((beta) => {
    const { h, active } = forward(kernels, start, depth ** -beta);
    return compared(h, start, backward(kernels, active, end, depth ** -beta), end);
  });
}

/**
 * For independent Gaussian weights no matrix has to be drawn. W h is Gaussian of variance ‖h‖²/d in each coordinate. Going back, what is
 * known of W is that W h = u; the rest of it is as before, so Wᵀq = h ⟨u, q⟩/‖h‖² plus Gaussians of variance ‖q‖²/d orthogonal to h.
 */
function independent(start: Float64Array, depth: number, scale: number, random: Rng): Signals {
  const width = start.length;
  const fresh = (square: number) => {
    const size = Math.sqrt(square / width);
    return Float64Array.from({ length: width }, () => size * random.normal());
  };
  const back = (from: Float64Array, to: Float64Array, q: Float64Array) => {
    const rest = fresh(squared(q));
    const square = squared(from);
    if (square === 0) return rest;
    const along = (dot(to, q) - dot(rest, from)) / square;
    return rest.map((value, i) => value + along * from[i]!);
  };
  const blocks: { h: Float64Array; u: Float64Array; x: Float64Array; v: Float64Array }[] = [];
  let h = start;
  for (let k = 0; k < depth; k++) {
    const u = fresh(squared(h));
    const x = u.map((value) => Math.max(0, value));
    const v = fresh(squared(x));
    blocks.push({ h, u, x, v });
    h = h.map((value, i) => value + scale * v[i]!);
  }
  const end = fresh(1);
  let p = end;
  for (const { h: before, u, x, v } of blocks.reverse()) {
    const q = back(x, v, p).map((value, i) => (u[i]! > 0 ? value : 0));
    const r = back(before, u, q);
    p = p.map((value, i) => value + scale * r[i]!);
  }
  return compared(h, start, p, end);
}

/** Kernels of the blocks, [out, in]. Without `w` a block is h ← h + α V φ(h). */
export interface Kernels {
  readonly w?: readonly Float64Array[];
  readonly v: readonly Float64Array[];
}

function times(kernel: Float64Array, x: Float64Array): Float64Array {
  const width = x.length;
  const product = new Float64Array(width);
  for (let i = 0; i < width; i++) {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += kernel[i * width + j]! * x[j]!;
    product[i] = sum;
  }
  return product;
}

function transposeTimes(kernel: Float64Array, y: Float64Array): Float64Array {
  const width = y.length;
  const product = new Float64Array(width);
  for (let i = 0; i < width; i++) for (let j = 0; j < width; j++) product[j]! += kernel[i * width + j]! * y[i]!;
  return product;
}

/** The first `depth` blocks, all of them by default; and where each block's ReLU is open. */
export function forward({ w, v }: Kernels, start: Float64Array, scale: number, depth = v.length) {
  const h = start.slice();
  const active: Float64Array[] = [];
  for (let k = 0; k < depth; k++) {
    const inner = w ? times(w[k]!, h) : h.slice();
    for (let i = 0; i < inner.length; i++) inner[i] = Math.max(0, inner[i]!);
    active.push(inner);
    const branch = times(v[k]!, inner);
    for (let i = 0; i < h.length; i++) h[i]! += scale * branch[i]!;
  }
  return { h, active };
}

/** From the last of the blocks that `active` tells of to the first. */
export function backward({ w, v }: Kernels, active: readonly Float64Array[], end: Float64Array, scale: number): Float64Array {
  const p = end.slice();
  for (let k = active.length - 1; k >= 0; k--) {
    const q = transposeTimes(v[k]!, p);
    for (let i = 0; i < q.length; i++) if (active[k]![i]! <= 0) q[i] = 0;
    const branch = w ? transposeTimes(w[k]!, q) : q;
    for (let i = 0; i < p.length; i++) p[i]! += scale * branch[i]!;
  }
  return p;
}

/** Square kernels whose entries, of variance 1/d, follow a path over depth each. The correlations are factored once for all of them. */
export function paths(width: number, depth: number, law: PathLaw, random: Rng): Float64Array[] {
  const factor = factorOf(depth, law);
  const kernels = Array.from({ length: depth }, () => new Float64Array(width * width));
  for (let at = 0; at < width * width; at++) correlated(random, factor).forEach((value, k) => (kernels[k]![at] = value / Math.sqrt(width)));
  return kernels;
}

const factors = new Map<string, Factor>();
function factorOf(depth: number, law: PathLaw): Factor {
  const key = `${depth} ${JSON.stringify(law)}`;
  const known = factors.get(key);
  if (known) return known;
  const made = pathFactor(depth, law === 'rbf' ? { kernelVariance: 0.01 } : { hurst: typeof law === 'object' ? law.hurst : 0.5 });
  factors.set(key, made);
  return made;
}
