/**
 * @file Gram matrices of wide two-layer networks: k₁(ρ) = E φ′(u)φ′(v) and k₀(ρ) = E φ(u)φ(v) for standard normal u, v of correlation ρ,
 * in closed form where there is one, else by quadrature. Sources: Cho and Saul 2009; Williams 1997; Panigrahi, Shetty and Goyal 2020.
 */

export interface Kernels {
  /** E φ′(u) φ′(v). */
  readonly slope: (correlation: number) => number;
  /** E φ(u) φ(v). */
  readonly value: (correlation: number) => number;
}
const { PI, sqrt, acos, asin, exp, cosh, sinh } = Math;
/** Rounding may put a correlation just outside. */
const within = (rho: number): number => Math.min(1, Math.max(-1, rho));

const reluSlope = (rho: number) => (PI - acos(within(rho))) / (2 * PI);
const reluValue = (rho: number) => (sqrt(1 - within(rho) ** 2) + (PI - acos(within(rho))) * rho) / (2 * PI);

/** By name of the activation; `leakyRelu` takes its slope. */
export const closedForms: Readonly<Record<string, (option?: number) => Kernels>> = {
  linear: () => ({ slope: () => 1, value: (rho) => rho }),
  relu: () => ({ slope: reluSlope, value: reluValue }),
  leakyRelu: (s = 0.01) => ({
    slope: (rho) => s + (1 - s) ** 2 * reluSlope(rho),
    value: (rho) => s * rho + (1 - s) ** 2 * reluValue(rho),
  }),
  erf: () => ({ slope: (rho) => 4 / PI / sqrt(9 - 4 * rho ** 2), value: (rho) => (2 / PI) * asin(within((2 * rho) / 3)) }),
  quadratic: () => ({ slope: (rho) => 4 * rho, value: (rho) => 1 + 2 * rho ** 2 }),
  cubic: () => ({ slope: (rho) => 9 * (1 + 2 * rho ** 2), value: (rho) => 9 * rho + 6 * rho ** 3 }),
  sine: (omega = 1) => ({
    slope: (rho) => omega ** 2 * exp(-(omega ** 2)) * cosh(omega ** 2 * rho),
    value: (rho) => exp(-(omega ** 2)) * sinh(omega ** 2 * rho),
  }),
};

/** E φ′(u) φ′(v) of GELU; its dual kernel has no elementary form. */
export const geluSlope = (rho: number): number =>
  1 / 4 + asin(rho / 2) / (2 * PI) + rho / (2 * PI * sqrt(4 - rho ** 2)) + rho / (2 * PI * (4 - rho ** 2) ** 1.5);

/** φ and φ′ in plain numbers. */
export interface Scalar {
  readonly value: (x: number) => number;
  readonly slope: (x: number) => number;
}
const reach = 8.5;
/** Even, so that 0, where an activation may have its kink, lies between two nodes. */
const nodes = 600;
const grid = Float64Array.from({ length: nodes }, (_, i) => -reach + (2 * reach * (i + 0.5)) / nodes);
const weights = grid.map((z) => (exp((-z * z) / 2) / sqrt(2 * PI)) * ((2 * reach) / nodes));

/** E f(u) f(v) on a product grid: exact to 1e-12 for smooth f; 1e-5 where f jumps. */
function expectation(f: (x: number) => number, rho: number): number {
  const across = sqrt(1 - within(rho) ** 2);
  let total = 0;
  for (let i = 0; i < nodes; i++) {
    let inner = 0;
    const [first, along] = [f(grid[i]!), rho * grid[i]!];
    for (let j = 0; j < nodes; j++) inner += weights[j]! * f(along + across * grid[j]!);
    total += weights[i]! * first * inner;
  }
  return total;
}
export const quadrature = ({ value, slope }: Scalar): Kernels => ({
  value: (rho) => expectation(value, rho),
  slope: (rho) => expectation(slope, rho),
});

/** G_ij = ρ_ij k₁(ρ_ij): the Gram matrix of the hidden layer's gradients at infinite width, rows of the correlation matrix. */
export const gramOfHidden = (correlations: readonly Float64Array[], slope: Kernels['slope']): Float64Array[] =>
  correlations.map((row) => row.map((rho) => rho * slope(rho)));

/** Correlations after one layer of normalized activations: k₀(ρ)/k₀(1). */
export const deeper = (correlations: readonly Float64Array[], value: Kernels['value']): Float64Array[] => {
  const scale = value(1);
  return correlations.map((row) => row.map((rho) => value(rho) / scale));
};

export interface WideChain {
  /** Hidden layers. */
  readonly depth: number;
  readonly width: number;
  readonly bias: boolean;
  readonly outputs: number;
  /** Of a weight's variance, over the number of its inputs. */
  readonly gain: number;
  /** Of an activation that is homogeneous of degree 1. */
  readonly kernels: Kernels;
}

/**
 * Σ_k ⟨∇f_k(x), ∇f_k(x′)⟩ of a chain whose width goes to infinity: layer ℓ gives (A_{ℓ-1} + 1) ∘ D_ℓ, A what enters it, D the inner products
 * of the back-propagated derivatives, 1 its biases'. Biases start at 0. The leading order in the width is kept, not divided by it.
 *
 * @returns [n, n] for the n inputs
 */
export function tangentKernelOfChain(
  inputs: readonly ArrayLike<number>[],
  { depth, width, bias, outputs, gain, kernels }: WideChain,
): Float64Array {
  const n = inputs.length;
  const product = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);
  const sizes = inputs.map((x) => product(x, x));
  const kernel = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const inner = product(inputs[i]!, inputs[j]!);
      const size = sqrt(sizes[i]! * sizes[j]!);
      /** Squared scale of the pre-activations over that of the inputs, per layer; their correlations. */
      let [scale, rho] = [gain / inputs[i]!.length, size > 0 ? within(inner / size) : 0];
      const entering = [inner];
      const slopes: number[] = [];
      for (let layer = 0; layer < depth; layer++) {
        slopes.push(gain * kernels.slope(rho));
        entering.push(width * scale * size * kernels.value(rho));
        scale *= gain * kernels.value(1);
        rho = within(kernels.value(rho) / kernels.value(1));
      }
      let [total, back] = [0, 1];
      for (let layer = depth; layer >= 0; layer--) {
        total += (entering[layer]! + (bias ? 1 : 0)) * back;
        back *= slopes[layer - 1] ?? 1;
      }
      kernel[i * n + j] = kernel[j * n + i] = outputs * total;
    }
  return kernel;
}

/** Points evenly spaced on the half circle, θ_i = π(i + ½)/n, and the correlations between them. */
export const halfCircle = (n: number): Float64Array[] =>
  Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_unused, j) => Math.cos((PI * (i - j)) / n)));

/** Jumps at 0: of the first derivative of SELU (ReLU: 1), of the second of ELU. */
const jumps = { selu: 1.0507009873554805 * (1.6732632423543772 - 1), elu: 1 };

/**
 * The half circle's laws. A jump J of φ′ gives k₁ the term -J²|θ|/2π, one of φ″ the term J²|θ|³/6π; summing their Fourier coefficients over
 * the odd multiples of n: λ_min ~ J²/(4n) and π²J²/(24n³). Kernels singular at ρ = ±s decay like e^(-n arccosh s): s is 3/2 for erf, 2 for GELU.
 */
export const halfCircleRates = {
  relu: 1 / 4,
  selu: jumps.selu ** 2 / 4,
  elu: (PI * jumps.elu) ** 2 / 24,
  erf: Math.acosh(1.5),
  gelu: Math.acosh(2),
} as const;

const binomial = (n: number, k: number): number =>
  Array.from({ length: k }).reduce((found: number, _, i) => (found * (n - i)) / (i + 1), 1);

/**
 * Rank of Σ cₖ X^{∘k} over these powers, X the Gram matrix of n points in general position in d dimensions. Powers k and k - 2 overlap on the
 * sphere, where ‖x‖² = 1: of each parity the largest counts.
 */
export function polynomialRank(points: number, dimension: number, powers: readonly number[]): number {
  const ofParity = [0, 1].map((parity) => Math.max(-1, ...powers.filter((power) => power % 2 === parity)));
  const functions = ofParity.reduce((sum, power) => sum + (power < 0 ? 0 : binomial(dimension + power - 1, power)), 0);
  return Math.min(points, functions);
}
/** The powers counted as if no two overlapped, in general position off the sphere as well: a bound. */
export const polynomialRankBound = (dimension: number, powers: readonly number[]): number =>
  powers.reduce((sum, power) => sum + binomial(dimension + power - 1, power), 0);
