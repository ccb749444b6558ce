/**
 * @file k₀(ρ) = E φ(u) φ(v) and k₁(ρ) = E φ′(u) φ′(v) of every differentiable activation of the catalog: in closed form, by the bivariate
 * normal law, or as the power series Σ cₖ² ρᵏ of its Hermite coefficients. Sources: Cho and Saul 2009; Daniely, Frostig and Singer 2016.
 */
import { erf } from '../graph/erf.ts';
import { closedForms, geluSlope, type Kernels } from './gramLaws.ts';

const { PI, SQRT2, sqrt, exp, asin, tanh } = Math;
const density = (x: number): number => exp((-x * x) / 2) / sqrt(2 * PI);
const normal = (x: number): number => (1 + erf(x / SQRT2)) / 2;
const sigmoid = (x: number): number => 1 / (1 + exp(-x));

const terms = 160;
/** Beyond it h_k(z) φ(z) is below 1e-16 for every k in use; the trapezoidal rule then errs by less than rounding. */
const reach = 15;
const nodes = 3_000;

/** E f(z) h_k(z), k = 0, 1, …, for normalized Hermite polynomials. For smooth f of moderate growth. */
export function hermiteCoefficients(f: (x: number) => number, count = terms): Float64Array {
  const found = new Float64Array(count);
  const spacing = (2 * reach) / nodes;
  for (let i = 0; i <= nodes; i++) {
    const z = -reach + i * spacing;
    const share = spacing * f(z) * sqrt(density(z));
    let [before, now] = [0, sqrt(density(z))]; // h_k √φ stays below 1, where h_k alone would overflow
    for (let k = 0; k < count; k++) {
      found[k]! += share * now;
      [before, now] = [now, (z * now - sqrt(k) * before) / sqrt(k + 1)];
    }
  }
  return found;
}

/** ρ ↦ Σ cₖ² ρᵏ. */
function series(f: (x: number) => number): (rho: number) => number {
  const squares = hermiteCoefficients(f).map((c) => c * c);
  return (rho) => squares.reduceRight((sum, square) => sum * rho + square, 0);
}

/** Nodes and weights of Gauss's rule on [-1, 1], by Newton's method on the Legendre polynomial. */
function gaussLegendre(n: number): readonly (readonly [node: number, weight: number])[] {
  return Array.from({ length: n }, (_, i) => {
    let x = Math.cos((PI * (i + 0.75)) / (n + 0.5));
    let derivative = 0;
    for (let sweep = 0; sweep < 8; sweep++) {
      let [before, now] = [0, 1];
      for (let k = 0; k < n; k++) [before, now] = [now, ((2 * k + 1) * x * now - k * before) / (k + 1)];
      derivative = (n * (x * now - before)) / (x * x - 1);
      x -= now / derivative;
    }
    return [x, 2 / ((1 - x * x) * derivative ** 2)] as const;
  });
}
const rule = gaussLegendre(48);

/** P(u ≤ a, v ≤ b) of a standard normal pair of correlation ρ. Source: Drezner and Wesolowsky 1990. */
export function bivariateNormal(a: number, b: number, rho: number): number {
  const end = asin(Math.min(1, Math.max(-1, rho)));
  const integral = rule.reduce((sum, [node, weight]) => {
    const theta = (end * (1 + node)) / 2;
    return sum + weight * exp(-(a * a + b * b - 2 * a * b * Math.sin(theta)) / (2 * Math.cos(theta) ** 2));
  }, 0);
  return normal(a) * normal(b) + (end / 2 / (2 * PI)) * integral;
}

/** E u 1[u > a] 1[v ≤ b] of such a pair, by parts. */
function meanBeyond(a: number, b: number, rho: number): number {
  const across = sqrt(Math.max(0, 1 - rho * rho));
  const below = (gap: number) => (across > 0 ? normal(gap / across) : (1 + Math.sign(gap)) / 2);
  return density(a) * below(b - rho * a) - rho * density(b) * below(rho * b - a);
}

/** φ = scale·(x above 0, α(eˣ - 1) below): each product of exponentials shifts the pair's mean, what is left are orthants. */
function exponentialBelow(alpha: number, scale: number): Kernels {
  const positive = (rho: number) => bivariateNormal(0, 0, rho);
  const slope = (rho: number) => {
    const mixed = exp(0.5) * (normal(-1) - bivariateNormal(-rho, -1, rho)); // E 1[u > 0] eᵛ 1[v ≤ 0]
    const both = exp(1 + rho) * bivariateNormal(-1 - rho, -1 - rho, rho); // E eᵘ⁺ᵛ 1[u, v ≤ 0]
    return scale ** 2 * (positive(rho) + 2 * alpha * mixed + alpha ** 2 * both);
  };
  // a series would stop short: at the kink of SELU its coefficients fall too slowly for ρ = ±1
  const value = (rho: number) => {
    const tilted = rho * (normal(-1) - bivariateNormal(-rho, -1, rho)) + meanBeyond(-rho, -1, rho); // E u eᵛ, less its factor
    const mixed = exp(0.5) * tilted - meanBeyond(0, 0, rho); // E u (eᵛ - 1) 1[u > 0] 1[v ≤ 0]
    const both = exp(1 + rho) * bivariateNormal(-1 - rho, -1 - rho, rho) - 2 * exp(0.5) * bivariateNormal(-rho, -1, rho) + positive(rho);
    return scale ** 2 * (closedForms.relu!().value(rho) + 2 * alpha * mixed + alpha ** 2 * both);
  };
  return { slope, value };
}

/** By name of the activation in the catalog, with its default options; made when asked for. */
export const dualKernels = {
  linear: () => closedForms.linear!(),
  relu: () => closedForms.relu!(),
  leakyRelu: () => closedForms.leakyRelu!(),
  erf: () => closedForms.erf!(),
  quadratic: () => closedForms.quadratic!(),
  cubic: () => closedForms.cubic!(),
  sine: () => closedForms.sine!(),
  /** Of degree k: ρᵏ, and k ρᵏ⁻¹ as h_k′ = √k h_{k-1}. */
  hermite: (degree = 2) => ({ value: (rho: number) => rho ** degree, slope: (rho: number) => degree * rho ** (degree - 1) }),
  gelu: () => ({ slope: geluSlope, value: series((x) => x * normal(x)) }),
  elu: () => exponentialBelow(1, 1),
  selu: () => exponentialBelow(1.6732632423543772, 1.0507009873554805),
  tanh: () => ({ slope: series((x) => 1 - tanh(x) ** 2), value: series(tanh) }),
  sigmoid: () => ({ slope: series((x) => sigmoid(x) * sigmoid(-x)), value: series(sigmoid) }),
  softplus: () => ({ slope: series(sigmoid), value: series((x) => Math.max(x, 0) + Math.log1p(exp(-Math.abs(x)))) }),
  silu: () => ({
    slope: series((x) => sigmoid(x) * (1 + x * sigmoid(-x))),
    value: series((x) => x * sigmoid(x)),
  }),
} as const satisfies Readonly<Record<string, (option?: number) => Kernels>>;
export type Differentiable = keyof typeof dualKernels;
