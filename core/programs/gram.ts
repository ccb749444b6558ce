/** @file Tangent and feature kernels of the probe batch, from one backward pass for every output; the rank of the outputs' Jacobian. */
import { symmetricEigen } from '../curvature/symmetric.ts';
import { singularValues, type Matrix } from '../curvature/singular.ts';
import type { Data } from '../define.ts';
import { createBuilder } from '../graph/builder.ts';
import { cotangents } from '../graph/differentiate.ts';
import { evaluate, planEvaluation } from '../graph/evaluate.ts';
import type { Values } from '../graph/node.ts';
import { norm, type Batch, type GramMoment, type LayerKernels } from '../metrics/moments.ts';
import { rng } from '../rng.ts';
import { forwardPass, stackInputs, type RunPlan } from './plan.ts';
import { batchOf, type SamplesProgram } from './samples.ts';
import { gradientProducts, hasBias, products } from './samplesMoment.ts';
import { once, type StackValues } from './weights.ts';

/** Kernels at one state of the weights. */
export interface Kernels {
  readonly gram: Float64Array;
  readonly layers: readonly Pick<LayerKernels, 'tangent' | 'features'>[];
}

/**
 * @param forward the samples program and its record
 * @param back the program of the outputs' derivatives and its records, one step for each output
 */
export function kernelsOf(
  plan: RunPlan,
  forward: { readonly compiled: SamplesProgram; readonly record: Values },
  back: { readonly compiled: SamplesProgram; readonly record: Values },
): Kernels {
  const { parameters } = plan.network;
  const n = forward.compiled.samples;
  const outputs = plan.data.outputs;
  const width = back.record.length / outputs;
  const layers = plan.network.layers.map((_, layer) => {
    const input = batchOf(forward.compiled, forward.compiled.layers[layer]!.input, forward.record);
    const activation = batchOf(forward.compiled, forward.compiled.layers[layer]!.activation, forward.record)!;
    const frozen = parameters.some((parameter) => parameter.layer === layer && parameter.frozen);
    const size = activation.positions * activation.size;
    return {
      tangent: input && !frozen ? tangentOf(input, layer) : null,
      features: products(activation.values, n).map((value) => value / size),
    };
  });
  function tangentOf(input: Batch, layer: number): Float64Array {
    const total = new Float64Array(n * n);
    for (let k = 0; k < outputs; k++) {
      const record = back.record.subarray(k * width, (k + 1) * width);
      const delta = batchOf(back.compiled, back.compiled.layers[layer]!.delta, record)!;
      gradientProducts(input, delta, hasBias(plan, layer)).forEach((value, i) => (total[i]! += value));
    }
    return total;
  }
  const gram = new Float64Array(n * n);
  for (const { tangent } of layers) tangent?.forEach((value, i) => (gram[i]! += value));
  return { gram, layers };
}

/** Unit seeds, one step for each output. */
export const outputSeeds = ({ data: { outputs } }: RunPlan): Float64Array =>
  Float64Array.from({ length: outputs ** 2 }, (_, i) => (i % (outputs + 1) === 0 ? 1 : 0));

export function gramMoment(plan: RunPlan, now: Kernels, start: Kernels, targets: Float64Array, weights: StackValues): GramMoment {
  const samples = Math.sqrt(now.gram.length);
  return {
    samples,
    gram: now.gram,
    initialGram: start.gram,
    values: once(() => kernelEigenvalues(now.gram)),
    targets,
    layers: now.layers.map(({ tangent, features }, layer) => ({
      tangent,
      tangentValues: once(() => tangent && kernelEigenvalues(tangent)),
      features,
      featureValues: once(() => kernelEigenvalues(features)),
      initialFeatures: start.layers[layer]!.features,
    })),
    dimension: once(() => functionDimension(plan, weights)),
  };
}

/** Eigenvalues of a kernel, descending. Below 1e-14 of the largest they are rounding: 0 says that the kernel is numerically singular. */
function kernelEigenvalues(kernel: Float64Array): Float64Array {
  const n = Math.sqrt(kernel.length);
  if (!kernel.every(Number.isFinite)) return new Float64Array(n).fill(NaN);
  const { values } = symmetricEigen(kernel, n);
  return values.map((value) => (value > n * 1e-15 * values[0]! ? value : 0));
}

/** Targets of some rows minus their mean over the rows, [B, K]; of labels the indicators. */
export function centredTargets({ labels, values, outputSize: size }: Data, rows: Int32Array): Float64Array {
  const targets = Float64Array.from({ length: rows.length * size }, (_, at) => {
    const [row, k] = [rows[Math.floor(at / size)]!, at % size];
    return labels ? Number(labels[row] === k) : values![row * size + k]!;
  });
  const means = Array.from(
    { length: size },
    (_, k) => targets.reduce((sum, value, at) => (at % size === k ? sum + value : sum), 0) / rows.length,
  );
  return targets.map((value, at) => value - means[at % size]!);
}

/** Sizes of the inputs: a polynomial of high degree shows all its powers at one of them, in float64. */
const radii = [1, 2, 0.5, 4];
/** Of the largest singular value, rows and columns being of one length: rounding ends below 1e-15. */
const rounding = 1e-12;
/** A smallest value that counts by this is far from rounding: no other size of inputs can add to the rank. */
const certain = 1e-8;

/**
 * Generic rank of the Jacobian of the outputs by the trained parameters: as many functions as the family has near these weights. 1.2 rows for
 * each parameter, in float64 whatever the run's precision, on inputs that lie as those of Chebyshev do: of 28 powers of one number on Gaussian
 * inputs, rounding leaves 22.
 */
function functionDimension(plan: RunPlan, weights: StackValues): number {
  const g = createBuilder('float64');
  const stacks = stackInputs(g, plan);
  const inputs = stacks.map(({ input }) => input);
  const x = g.input('x', [1, plan.data.inputs]);
  const seed = g.input('seed', [1, plan.data.outputs]);
  const { outputs } = forwardPass(g, { ...plan, precision: 'float64' }, inputs, x, 1);
  const trained = inputs.filter((_, i) => !plan.stacks[i]!.frozen);
  const slopes = cotangents(g, [outputs], [seed], trained).map((slope, i) => slope ?? g.constant(0, trained[i]!.shape));
  const evaluation = planEvaluation([
    g.concat(
      slopes.map((slope) => g.reshape(slope, [-1])),
      0,
    ),
  ]);
  const feeds = Object.fromEntries(plan.stacks.map(({ name }) => [name, Float64Array.from(weights.get(name)!)]));
  let rank = 0;
  for (const radius of radii) {
    const random = rng(plan.spec.seed, 'probe', 0xd1);
    const rows: Float64Array[] = [];
    for (let i = 0; i < Math.ceil((1.2 * plan.parameterCount) / plan.data.outputs); i++) {
      const point = Float64Array.from({ length: plan.data.inputs }, () => radius * Math.cos(Math.PI * random.uniform()));
      for (let k = 0; k < plan.data.outputs; k++) {
        const unit = Float64Array.from({ length: plan.data.outputs }, (_, j) => Number(j === k));
        rows.push(Float64Array.from(evaluate(evaluation, { ...feeds, x: point, seed: unit })[0]!));
      }
    }
    const sizes = singularValues(balanced(rows));
    if (Number.isNaN(sizes[0])) return NaN;
    const kept = sizes.filter((size) => size > rounding * sizes[0]!);
    rank = Math.max(rank, kept.length);
    if ((kept.at(-1) ?? Infinity) > certain * sizes[0]!) break;
  }
  return rank;
}

/** The rows, and then the columns, divided by their length; zeros as they are. */
function balanced(rows: readonly Float64Array[]): Matrix {
  const columns = rows[0]!.length;
  const unit = (values: Float64Array) => {
    const length = norm(values);
    return length === 0 ? values : values.map((value) => value / length);
  };
  const long = rows.map(unit);
  const turned = Array.from({ length: columns }, (_, j) => unit(Float64Array.from(long, (row) => row[j]!)));
  const values = Float64Array.from({ length: rows.length * columns }, (_, at) => turned[at % columns]![Math.floor(at / columns)]!);
  return { rows: rows.length, columns, values };
}
