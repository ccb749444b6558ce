/**
 * @file Deep networks with one output, exactly: the blocks H_kl = ∂²loss/∂W_k∂W_l of ½(f - 1)² at one input.
 *
 * f is linear in each kernel almost everywhere, so H_kl = g_k ⊗ g_l + r T_kl with g_k = b_k x_{k-1}ᵀ, residual r = f - 1 and, for k < l,
 * T_kl[(i, j), (p, q)] = b_l[p] A[q, i] x_{k-1}[j], A = ∂x_{l-1}/∂h_k; T_kk = 0. Derived here, tested against second differences.
 */
import { dot } from '../../curvature/vectors.ts';
import type { Rng } from '../../rng.ts';

/** Of `depth` hidden layers, all as wide as the input, and a readout; kernels [out, in]. */
export interface DrawnNetwork {
  readonly width: number;
  readonly relu: boolean;
  readonly input: Float64Array;
  readonly kernels: readonly Float64Array[];
}

/** Gaussian weights of variance 2/d (ReLU) or 1/d, readout 1/d, input N(0, I). */
export function drawNetwork(random: Rng, width: number, depth: number, relu: boolean): DrawnNetwork {
  const gaussian = (count: number, variance: number) => Float64Array.from({ length: count }, () => Math.sqrt(variance) * random.normal());
  const input = gaussian(width, 1);
  const hidden = Array.from({ length: depth }, () => gaussian(width * width, (relu ? 2 : 1) / width));
  return { width, relu, input, kernels: [...hidden, gaussian(width, 1 / width)] };
}

const multiply = (kernel: Float64Array, x: Float64Array): Float64Array =>
  Float64Array.from({ length: kernel.length / x.length }, (_, i) => dot(kernel.subarray(i * x.length, (i + 1) * x.length), x));

/** x_0 … x_L, the masks of the hidden layers, and f. */
function forward({ input, kernels, relu, width }: DrawnNetwork) {
  const activations = [input];
  const masks: Float64Array[] = [];
  for (const kernel of kernels.slice(0, -1)) {
    const h = multiply(kernel, activations.at(-1)!);
    const mask = h.map((value) => (relu && value <= 0 ? 0 : 1));
    masks.push(mask);
    activations.push(h.map((value, i) => value * mask[i]!));
  }
  return { activations, masks, output: dot(kernels.at(-1)!, activations[kernels.length - 1]!), width };
}

export const outputOf = (network: DrawnNetwork): number => forward(network).output;

interface Passes {
  readonly output: number;
  readonly activations: readonly Float64Array[];
  /** b_k = ∂f/∂h_k of kernels 0 … L. */
  readonly deltas: readonly Float64Array[];
  /** ∂x_{l-1}/∂h_k [q, i] for kernels l > k, one layer after another. */
  jacobians(k: number): Generator<Float64Array>;
}

function passes(network: DrawnNetwork): Passes {
  const { kernels, width } = network;
  const { activations, masks, output } = forward(network);
  const deltas: Float64Array[] = [Float64Array.of(1)];
  for (let k = kernels.length - 2; k >= 0; k--) {
    const [above, kernel] = [deltas[0]!, kernels[k + 1]!];
    const back = new Float64Array(width);
    for (let p = 0; p < above.length; p++) for (let q = 0; q < width; q++) back[q]! += above[p]! * kernel[p * width + q]!;
    deltas.unshift(back.map((value, q) => value * masks[k]![q]!));
  }
  function* jacobians(k: number): Generator<Float64Array> {
    let jacobian = new Float64Array(width * width);
    masks[k]?.forEach((value, i) => (jacobian[i * width + i] = value));
    for (let l = k + 1; l < kernels.length; l++) {
      yield jacobian;
      if (l === kernels.length - 1) return;
      const next = new Float64Array(width * width);
      for (let p = 0; p < width; p++)
        if (masks[l]![p]! !== 0)
          for (let q = 0; q < width; q++) {
            const weight = kernels[l]![p * width + q]!;
            for (let i = 0; i < width; i++) next[p * width + i]! += weight * jacobian[q * width + i]!;
          }
      jacobian = next;
    }
  }
  return { output, activations, deltas, jacobians };
}

const square = (values: Float64Array): number => dot(values, values);

/** ‖∂f/∂W_k‖/‖W_k‖ of every kernel, the readout's last. */
export function relativeGradients(network: DrawnNetwork): number[] {
  const { activations, deltas } = passes(network);
  return deltas.map((delta, k) => Math.sqrt((square(delta) * square(activations[k]!)) / square(network.kernels[k]!)));
}

/** Frobenius norms of the blocks on the diagonal and of those above it; null for a network that is dead at this input. */
export function blockNorms(network: DrawnNetwork): { readonly diagonal: number[]; readonly beside: number[] } | null {
  const { output, activations, deltas, jacobians } = passes(network);
  if (output === 0) return null;
  const residual = output - 1;
  const layers = deltas.map((delta, k) => ({ delta: square(delta), input: square(activations[k]!) }));
  const beside: number[] = [];
  layers.forEach(({ delta, input }, k) => {
    let l = k + 1;
    for (const jacobian of jacobians(k)) {
      const [x, above] = [activations[l]!, layers[l]!];
      const through = dot(x, multiply(jacobian, deltas[k]!));
      const first = delta * input * above.delta * above.input;
      beside.push(Math.sqrt(first + above.delta * input * residual * (2 * through + residual * square(jacobian))));
      l++;
    }
  });
  return { diagonal: layers.map(({ delta, input }) => delta * input), beside };
}

/** The whole Hessian, kernels one after another, row-major. */
export function denseHessian(network: DrawnNetwork): { readonly matrix: Float64Array; readonly size: number } {
  const { kernels, width } = network;
  const { output, activations, deltas, jacobians } = passes(network);
  const size = kernels.reduce((sum, { length }) => sum + length, 0);
  const gradient = new Float64Array(size);
  deltas.forEach((delta, k) => delta.forEach((b, i) => gradient.set(activations[k]!.map((x) => b * x), (k * width + i) * width))); // prettier-ignore
  const matrix = Float64Array.from({ length: size * size }, (_, at) => gradient[Math.floor(at / size)]! * gradient[at % size]!);
  kernels.forEach((_, k) => {
    let l = k + 1;
    for (const jacobian of jacobians(k)) {
      for (let p = 0; p < deltas[l]!.length; p++)
        for (let q = 0; q < width; q++)
          for (let i = 0; i < width; i++) {
            const scale = (output - 1) * deltas[l]![p]! * jacobian[q * width + i]!;
            for (let j = 0; j < width; j++) {
              const [row, column] = [(k * width + i) * width + j, (l * width + p) * width + q];
              matrix[row * size + column]! += scale * activations[k]![j]!;
              matrix[column * size + row]! += scale * activations[k]![j]!;
            }
          }
      l++;
    }
  });
  return { matrix, size };
}
