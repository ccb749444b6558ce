/** @file What the data sets share: split sizes, seeds, even and wrong labels, random directions, and inputs brought to mean 0 and deviation 1. */
import type { Data, Dataset, Field, Fields, Options } from '../define.ts';
import type { Rng } from '../rng.ts';

export const sampleFields = (train: number, heldOut: number): Fields => ({
  train: { type: 'integer', title: 'Training samples', min: 2, max: 200_000, default: train },
  heldOut: { type: 'integer', title: 'Held-out samples', min: 1, max: 100_000, default: heldOut },
  seed: {
    type: 'integer',
    title: 'Data seed',
    min: 0,
    max: 0xffffffff,
    default: 0,
    about: 'Apart from the run’s seed, so that runs of several seeds see the same data.',
  },
});

/** Wrong labels, for what a network makes of them; the held-out set keeps its own. */
export const labelNoise: Field = {
  type: 'number',
  title: 'Random training labels',
  min: 0,
  max: 1,
  default: 0,
  about: 'Share of the training set whose label is drawn anew, from all classes.',
};

/** Changes the first `train` labels in place. As many numbers are drawn whatever the share is, so that what follows stays the same. */
export function relabel(rng: Rng, labels: Int32Array, options: Options, classes: number): void {
  const { labelNoise: share, train } = numbers<'labelNoise' | 'train'>(options);
  for (let i = 0; i < train; i++) {
    const [drawn, other] = [rng.uniform(), rng.integer(classes)];
    if (drawn < share) labels[i] = other;
  }
}

/**
 * Each input coordinate to mean 0 and deviation 1 over the training set; both sets by the training set's numbers.
 * A coordinate that never varies is only centred.
 */
export function standardize({ train, heldOut }: { train: Data; heldOut: Data }): { train: Data; heldOut: Data } {
  const { n, inputSize } = train;
  const mean = new Float64Array(inputSize);
  const square = new Float64Array(inputSize);
  for (let i = 0; i < n * inputSize; i++) mean[i % inputSize]! += train.inputs[i]! / n;
  for (let i = 0; i < n * inputSize; i++) square[i % inputSize]! += (train.inputs[i]! - mean[i % inputSize]!) ** 2 / n;
  const scale = square.map((value) => (value > 1e-12 ? 1 / Math.sqrt(value) : 1));
  const apply = (data: Data): Data => ({
    ...data,
    inputs: data.inputs.map((value: number, i: number) => (value - mean[i % inputSize]!) * scale[i % inputSize]!),
  });
  return { train: apply(train), heldOut: apply(heldOut) };
}

/** Cuts the first `train` rows off from the rest. */
export function split(data: Data, train: number): { train: Data; heldOut: Data } {
  const part = (from: number, to: number): Data => ({
    ...data,
    n: to - from,
    inputs: data.inputs.slice(from * data.inputSize, to * data.inputSize),
    ...(data.labels ? { labels: data.labels.slice(from, to) } : {}),
    ...(data.values ? { values: data.values.slice(from * data.outputSize, to * data.outputSize) } : {}),
  });
  return { train: part(0, train), heldOut: part(train, data.n) };
}

/** The sizes of data that are as large as their fields `inputs`, `classes`, `train` and `heldOut` say. */
export const fieldSizes: Dataset['sizes'] = (options) => {
  const { inputs, classes, train, heldOut } = numbers(options);
  return { inputs: inputs!, outputs: classes!, train: train!, heldOut: heldOut! };
};

/** The options of an entry as the numbers they are. */
export const numbers = <Name extends string = string>(options: Options) => options as unknown as Record<Name, number>;

/** Classes in random order, each as frequent as any other (to one sample). */
export const evenLabels = (rng: Rng, n: number, classes: number): Int32Array => rng.permutation(n).map((i) => i % classes);

/** A point drawn evenly from the sphere of this radius in `size` dimensions. */
export function onSphere(rng: Rng, size: number, radius: number): Float64Array {
  const direction = Float64Array.from({ length: size }, () => rng.normal());
  const norm = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
  return direction.map((value) => (value * radius) / norm);
}

/** -1 or 1 with equal chance, n times. */
export const randomSigns = (rng: Rng, n: number): Float64Array => Float64Array.from({ length: n }, () => rng.rademacher());
