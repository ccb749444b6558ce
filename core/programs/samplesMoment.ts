/** @file The record of a samples program as its metrics see it: factors of the gradients, their inner products, spans of the inputs. */
import type { Teacher } from '../data.ts';
import type { Matrix } from '../curvature/singular.ts';
import { symmetricEigen } from '../curvature/symmetric.ts';
import type { Values } from '../graph/node.ts';
import type { Batch, LayerSamples, SamplesMoment } from '../metrics/moments.ts';
import type { RunPlan } from './plan.ts';
import { batchOf, type SamplesProgram } from './samples.ts';
import { hasPopulationGradient, thresholdGradient } from './populationGradient.ts';
import { kernelMatrix, once, parameterValues, type StackValues } from './weights.ts';

export function samplesMoment(
  plan: RunPlan,
  compiled: SamplesProgram,
  { record, inputs, now, initial, teacher }: { record: Values; inputs: Batch; now: StackValues; initial: StackValues; teacher?: Teacher },
): SamplesMoment {
  const [present, first] = [parameterValues(plan, now), parameterValues(plan, initial)];
  const { parameters } = plan.network;
  const layers = plan.network.layers.map(({ kind, scaleInvariant }, layer): LayerSamples => {
    const weight = parameters.find((parameter) => parameter.layer === layer && parameter.role === 'weight')!;
    const kernel = kernelMatrix(weight, present(weight));
    const places = compiled.layers[layer]!;
    const at = (place: keyof typeof places) => batchOf(compiled, places[place], record);
    const [input, delta] = [at('input'), at('delta')];
    const centred = scaleInvariant === 'filter';
    const factors = input && delta && !weight.frozen ? { input, delta } : null;
    return {
      kernel,
      initial: kernelMatrix(weight, first(weight)),
      input,
      delta,
      preActivation: at('preActivation')!,
      activation: at('activation')!,
      slope: at('slope'),
      stream: at('stream'),
      streamDelta: at('streamDelta'),
      centred,
      frozen: weight.frozen === true,
      readout: kind === 'readout',
      gradientProducts: once(() => factors && gradientProducts(factors.input, factors.delta, hasBias(plan, layer))),
      span: once(() => input && inputSpan(input, kernel, centred, plan.precision)),
    };
  });
  const populationGradient = once(() => (teacher && hasPopulationGradient(plan) ? thresholdGradient(plan, layers, teacher) : null));
  return { samples: compiled.samples, inputs, layers, start: batchOf(compiled, compiled.start, record), populationGradient };
}

export const hasBias = ({ network: { parameters } }: RunPlan, layer: number): boolean =>
  parameters.some((parameter) => parameter.layer === layer && parameter.role === 'bias');

/**
 * ⟨gᵢ, gⱼ⟩ for the gradients gᵢ = Σₛ xᵢₛᵀδᵢₛ of the samples (and Σₛ δᵢₛ, with a bias).
 * With one position they are (xᵢ·xⱼ + 1)(δᵢ·δⱼ), in 2B²(p + n) operations; with more the gradients are written down, sample by sample.
 */
export function gradientProducts(input: Batch, delta: Batch, bias: boolean): Float64Array {
  const { samples, positions } = input;
  if (positions > 1) return products(Float64Array.from(sampleGradients(input, delta, bias).flatMap((g) => [...g])), samples);
  const [a, b] = [products(input.values, samples), products(delta.values, samples)];
  return a.map((value, i) => (value + (bias ? 1 : 0)) * b[i]!);
}

/** Rows times rows, [n, n]. */
export function products(rows: Float64Array, n: number): Float64Array {
  const size = rows.length / n;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += rows[i * size + k]! * rows[j * size + k]!;
      matrix[i * n + j] = matrix[j * n + i] = sum;
    }
  return matrix;
}

/** The gradient of each sample: kernel [fanIn, fanOut] row-major, then the bias. */
function sampleGradients(input: Batch, delta: Batch, bias: boolean): Float64Array[] {
  const { samples, positions, size: fanIn } = input;
  const fanOut = delta.size;
  return Array.from({ length: samples }, (_, i) => {
    const gradient = new Float64Array((fanIn + (bias ? 1 : 0)) * fanOut);
    for (let s = 0; s < positions; s++) {
      const [x, d] = [(i * positions + s) * fanIn, (i * positions + s) * fanOut];
      for (let row = 0; row < fanIn; row++) {
        const factor = input.values[x + row]!;
        if (factor !== 0) for (let j = 0; j < fanOut; j++) gradient[row * fanOut + j]! += factor * delta.values[d + j]!;
      }
      if (bias) for (let j = 0; j < fanOut; j++) gradient[fanIn * fanOut + j]! += delta.values[d + j]!;
    }
    return gradient;
  });
}

/**
 * Rank of the (centred) inputs of a kernel, and the norm of the part of the kernel that no input reaches: ‖W‖² - Σ ‖v_kᵀW‖² over the
 * directions v_k with a singular value above 1e-6 of the largest, or above rounding.
 */
function inputSpan(
  input: Batch,
  kernel: Matrix,
  centred: boolean,
  precision: RunPlan['precision'],
): { rank: number; noise: number } | null {
  const rows = input.samples * input.positions;
  const p = input.size;
  const values = Float64Array.from(input.values);
  if (centred)
    for (let j = 0; j < p; j++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += values[i * p + j]!;
      for (let i = 0; i < rows; i++) values[i * p + j]! -= sum / rows;
    }
  if (!values.every(Number.isFinite) || !kernel.values.every(Number.isFinite)) return { rank: NaN, noise: NaN };
  const tolerance = Math.max(1e-6, Math.max(rows, p) * (precision === 'float32' ? 2 ** -23 : 2 ** -52));
  const basis = orthonormalSpan(values, rows, p, tolerance);
  if (basis === 'everything') return { rank: p, noise: 0 };
  const rest = Float64Array.from(kernel.values);
  const along = new Float64Array(kernel.columns);
  for (const v of basis) {
    along.fill(0);
    for (let i = 0; i < p; i++) for (let j = 0; j < along.length; j++) along[j]! += v[i]! * rest[i * along.length + j]!;
    for (let i = 0; i < p; i++) for (let j = 0; j < along.length; j++) rest[i * along.length + j]! -= along[j]! * v[i]!;
  }
  return { rank: basis.length, noise: Math.sqrt(rest.reduce((sum, value) => sum + value * value, 0)) };
}

/**
 * Unit vectors along the right singular vectors of rows [n, p] whose values exceed `tolerance` of the largest, from the smaller Gram matrix.
 * Where no row depends on the others the rows are made orthonormal themselves, which costs a tenth.
 */
function orthonormalSpan(rows: Float64Array, n: number, p: number, tolerance: number): Float64Array[] | 'everything' {
  const wide = n < p;
  const size = Math.min(n, p);
  const eigen = symmetricEigen(products(wide ? rows : transposed(rows, n, p), size), size);
  const lost = eigen.values.findIndex((value) => !(value > tolerance ** 2 * eigen.values[0]!));
  if (lost < 0 && !wide) return 'everything';
  const kept: Float64Array[] = [];
  for (let k = 0; k < (lost < 0 ? size : lost); k++) {
    const v = lost < 0 ? rows.slice(k * p, (k + 1) * p) : wide ? combination(rows, eigen.vector(k), p) : Float64Array.from(eigen.vector(k));
    for (let pass = 0; pass < 2; pass++) for (const q of kept) subtractAlong(v, q); // rows, and vectors of close eigenvalues, are not orthogonal
    const length = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
    kept.push(v.map((x) => x / length));
  }
  return kept;
}

/** Σᵢ uᵢ rowᵢ. */
function combination(rows: Float64Array, u: Float64Array, p: number): Float64Array {
  const sum = new Float64Array(p);
  for (let i = 0; i < u.length; i++) for (let j = 0; j < p; j++) sum[j]! += u[i]! * rows[i * p + j]!;
  return sum;
}

function subtractAlong(v: Float64Array, q: Float64Array): void {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i]! * q[i]!;
  for (let i = 0; i < v.length; i++) v[i]! -= sum * q[i]!;
}

function transposed(rows: Float64Array, n: number, p: number): Float64Array {
  const result = new Float64Array(n * p);
  for (let i = 0; i < n; i++) for (let j = 0; j < p; j++) result[j * n + i] = rows[i * p + j]!;
  return result;
}
