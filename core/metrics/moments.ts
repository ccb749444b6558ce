/** @file What metrics are given: nodes of a training step, or matrices in float64 on the host, where what costs is made when it is asked for, once. */
import type { Matrix } from '../curvature/singular.ts';
import type { Node } from '../graph/node.ts';

/** Numbers of a training step as its record holds them. */
export interface Recorded {
  /** One behind the other. */
  readonly pieces: readonly Piece[];
  /** Value l is value order[l] of the pieces; as they come where none is given. */
  readonly order?: Int32Array;
  /** Known after the forward pass. */
  readonly early?: boolean;
}
export interface Piece {
  /** [] or [n]; scalar factors that all of them share are left out, as SGD's -η. */
  readonly values: Node;
  /** What multiplies them on the host, []. */
  readonly factor?: Node;
  /** The weights a large tensor ends the step with: its numbers are made in one go with its update. */
  readonly beside?: Node;
}

/** What the training graph offers to a step metric; everything per layer is [L], layers bottom first. */
export interface StepMoment {
  readonly loss: Node; // []
  /** Share of the batch whose largest output is the label; null for float targets. */
  readonly accuracy: Recorded | null; // []
  /** Frobenius norm of each layer's kernel, of its gradient and of its change in this step; never under- or overflows on the way. */
  readonly weightNorm: Recorded;
  readonly gradientNorm: Recorded;
  readonly changeNorm: Recorded;
  /** Inner products ⟨w, g⟩ and ⟨w, Δw⟩ per layer. */
  readonly weightDotGradient: Recorded;
  readonly weightDotChange: Recorded;
  /**
   * Norm of what the change has across the weights, where something else than the optimizer's step pulls the weights along themselves; null where
   * nothing does.
   */
  readonly changeAcross: Recorded | null;
  /** Root mean square, over batch and units, of what leaves each layer, before dropout. */
  readonly activationRms: Recorded;
  /** Share of each layer's units that are zero on the whole batch, before dropout; null where the activation is never zero over a range. */
  readonly deadFraction: Recorded | null;
  readonly learningRate: Recorded; // []
  /** Of each kernel, where the parameterization makes them differ; null where they do not. */
  readonly layerLearningRate: Recorded | null; // [L]
  /** Norms whose own norm is that of the gradient of all parameters together, before clipping; as many as there are kernels and stacks. */
  readonly gradientNorms: Recorded;
  /** Share of the gradient's values that clipping changed; null where nothing clips. */
  readonly clippedFraction: Recorded | null; // []
}
/** Instruments whose metrics are made in float64 on the host, each with a schedule of its own. */
export const hostInstruments = ['weights', 'samples', 'gram'] as const;
export type HostInstrument = (typeof hostInstruments)[number];

/** One layer at the weights of a step. Kernels are seen as [fanIn, fanOut], those of convolutions with rows first, then columns, channels. */
export interface LayerWeights {
  readonly kernel: Matrix;
  readonly initial: Matrix;
  /** kernel - initial. */
  readonly change: Matrix;
  /** Descending. */
  readonly singularValues: () => Float64Array;
  readonly changeSingularValues: () => Float64Array;
  /** Of what the steps since the last measurement have added; null at the first one. */
  readonly updateSingularValues: () => Float64Array | null;
  /** Values of the other parameters of the layer; null where it has none. */
  readonly others: Readonly<Record<'bias' | 'scale' | 'shift', Float64Array | null>>;
  /** Probability with which a training step takes the block that ends with the layer, 0 once it is pruned; null where none is drawn. */
  readonly survival: number | null;
}
export interface WeightsMoment {
  readonly layers: readonly LayerWeights[]; // [L]
  /** Runs of at least two layers with kernels of one shape in the same place of their blocks, in the order of depth. */
  readonly paths: readonly (readonly LayerWeights[])[];
}

/** What a batch of samples has at one place of the network: [samples, positions, size], positions more than one for images. */
export interface Batch {
  readonly samples: number;
  readonly positions: number;
  readonly size: number;
  readonly values: Float64Array;
}

/** One layer on the probe batch. Normalizations by the batch have the statistics they have in evaluation, so that a sample stands for itself. */
export interface LayerSamples {
  readonly kernel: Matrix;
  readonly initial: Matrix;
  /** What the kernel multiplies, [B, S, fanIn]: of a convolution the patches. Null where the kernel does not stand in one product. */
  readonly input: Batch | null;
  /** Derivative of each sample's own loss by that product, [B, S, fanOut]. */
  readonly delta: Batch | null;
  readonly preActivation: Batch;
  readonly activation: Batch;
  /** Derivative of the activation function at each of its outputs; null where the layer has none. */
  readonly slope: Batch | null;
  /** True where the kernel's inputs lose their mean behind it, as in batch normalization: then the kernel never sees it. */
  readonly centred: boolean;
  /** The residual stream behind the layer; null where it stands inside a branch, or outside of the stream. */
  readonly stream: Batch | null;
  /** Derivative of each sample's own loss by that stream. */
  readonly streamDelta: Batch | null;
  readonly frozen: boolean;
  readonly readout: boolean;
  /** Inner products of the samples' gradients (kernel and bias), [B, B]; null where they are not known or the layer is frozen. */
  readonly gradientProducts: () => Float64Array | null;
  /** The part of the kernel that the inputs of the probe batch do not reach. */
  readonly span: () => { readonly rank: number; readonly noise: number } | null;
}
export interface SamplesMoment {
  readonly samples: number; // B
  /** The network's inputs. */
  readonly inputs: Batch;
  readonly layers: readonly LayerSamples[]; // [L]
  /** Where the residual stream begins; null where there is none. */
  readonly start: Batch | null;
  /** Derivative of the expected loss by the first layer's kernel [fanIn, fanOut], row-major, where a closed form is known. */
  readonly populationGradient: () => Float64Array | null;
}

/** The kernels of the probe batch, [B, B] each. */
export interface LayerKernels {
  /** Σₖ ⟨∂fₖ(xᵢ), ∂fₖ(xⱼ)⟩ over the layer's kernel and bias, k over outputs; null where the layer is frozen or its gradients are not known. */
  readonly tangent: Float64Array | null;
  readonly tangentValues: () => Float64Array | null;
  /** ⟨xᵢ, xⱼ⟩/n of what leaves the layer. */
  readonly features: Float64Array;
  readonly featureValues: () => Float64Array;
  readonly initialFeatures: Float64Array;
}
/** Parameters up to which the Jacobian of `dimension` is made: 480 rows of 400. */
export const dimensionLimit = 400;

export interface GramMoment {
  readonly samples: number; // B
  /** Sum of the layers' tangent kernels. */
  readonly gram: Float64Array;
  readonly initialGram: Float64Array;
  /** Eigenvalues, descending; 0 where they are lost in rounding, NaN where the kernel is not finite. */
  readonly values: () => Float64Array; // [B]
  /** Targets minus their mean, [B, K]: of labels the indicators. */
  readonly targets: Float64Array;
  readonly layers: readonly LayerKernels[]; // [L]
  /** Rank of the outputs' Jacobian by all trained parameters on more random inputs than there are parameters. */
  readonly dimension: () => number;
}

/** One value per layer. */
export const perLayer =
  <T>(of: (layer: T) => number) =>
  ({ layers }: { readonly layers: readonly T[] }): Float64Array =>
    Float64Array.from(layers, (layer) => of(layer));

/** Singular values of a layer in a row, at most, and of all layers together: 64 KiB. */
const spectrumLimits = { layer: 64, row: 16_384 } as const;

/** Values a layer has in the rows of networks whose kernels have so many singular values. */
export const spectrumWidth = (counts: readonly number[]): number =>
  Math.min(spectrumLimits.layer, Math.floor(spectrumLimits.row / counts.length), Math.max(...counts));

/** One after another, [L, width]: what a layer has less is NaN; of more, ranks at equal distances from the first to the last. */
export function spectrumRows(spectra: readonly Float64Array[]): Float64Array {
  const width = spectrumWidth(spectra.map(({ length }) => length));
  const rows = new Float64Array(spectra.length * width).fill(NaN);
  spectra.forEach((values, layer) => {
    const shown = Math.min(width, values.length);
    for (let i = 0; i < shown; i++)
      rows[layer * width + i] = values[shown === 1 ? 0 : Math.round((i * (values.length - 1)) / (shown - 1))]!;
  });
  return rows;
}

/** NaN where there is no update to look at. */
export const ofUpdate = (values: Float64Array | null, of: (values: Float64Array) => number): number => (values ? of(values) : NaN);

/** Frobenius norm, by the largest entry, so that squares neither under- nor overflow. */
export function norm(values: Float64Array | Float32Array): number {
  let largest = 0;
  for (const value of values) largest = Number.isNaN(value) ? NaN : Math.max(largest, Math.abs(value));
  if (!(largest > 0) || largest === Infinity) return largest;
  let sum = 0;
  for (const value of values) sum += (value / largest) ** 2;
  return largest * Math.sqrt(sum);
}

/** (Σσ)²/Σσ²: how many values of equal size would be spread as wide. NaN where all are zero. */
export const participation = (values: Float64Array): number => {
  const size = norm(values);
  return (values.reduce((sum, value) => sum + value, 0) / size) ** 2;
};

/** exp of the entropy of the shares σ/Σσ. NaN where all are zero. */
export function entropyRank(values: Float64Array): number {
  const total = values.reduce((sum, value) => sum + value, 0);
  let entropy = total > 0 ? 0 : NaN;
  for (const value of values) if (value > 0) entropy -= (value / total) * Math.log(value / total);
  return Math.exp(entropy);
}

/** ‖A‖_F²/‖A‖² from the singular values. */
export const stable = (values: Float64Array): number => (norm(values) / values[0]!) ** 2;

/** Norm of each column. */
export function filterNorms({ rows, columns, values }: Matrix): number[] {
  return Array.from({ length: columns }, (_, j) => norm(Float64Array.from({ length: rows }, (_, i) => values[i * columns + j]!)));
}
