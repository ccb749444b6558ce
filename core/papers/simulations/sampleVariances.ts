/** @file Random deep ReLU networks on a batch of samples: the share of the pre-activations' square that differs between samples. */
import type { Rng } from '../../rng.ts';

/** `fitted`: each unit shifted and scaled, layer by layer, to mean 0 and variance 1 on one batch, then frozen. */
export type Start = 'he' | 'fitted';

const product = (x: Float64Array, kernel: Float64Array, rows: number, width: number): Float64Array => {
  const h = new Float64Array(rows * width);
  for (let b = 0; b < rows; b++)
    for (let i = 0; i < width; i++) {
      const value = x[b * width + i]!;
      if (value !== 0) for (let j = 0; j < width; j++) h[b * width + j]! += value * kernel[i * width + j]!;
    }
  return h;
};

/** Mean and variance of each unit over the batch. */
function units(h: Float64Array, rows: number, width: number): { mean: Float64Array; variance: Float64Array } {
  const mean = new Float64Array(width);
  const variance = new Float64Array(width);
  h.forEach((value, at) => (mean[at % width]! += value / rows));
  h.forEach((value, at) => (variance[at % width]! += (value - mean[at % width]!) ** 2 / rows));
  return { mean, variance };
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

/** The share in each layer on samples that the network has not seen; inputs N(0, I). */
export function sampleVariances(random: Rng, start: Start, width: number, depth: number, rows: number): number[] {
  const gaussian = (count: number, variance: number) => Float64Array.from({ length: count }, () => Math.sqrt(variance) * random.normal());
  let [seen, fresh]: [Float64Array, Float64Array] = [gaussian(rows * width, 1), gaussian(rows * width, 1)];
  return Array.from({ length: depth }, () => {
    const kernel = gaussian(width * width, 2 / width);
    let [h, other] = [seen, fresh].map((x) => product(x, kernel, rows, width)) as [Float64Array, Float64Array];
    if (start === 'fitted') {
      const { mean, variance } = units(h, rows, width);
      [h, other] = [h, other].map((values) =>
        values.map((value, at) => (value - mean[at % width]!) / Math.sqrt(variance[at % width]!)),
      ) as [Float64Array, Float64Array];
    }
    [seen, fresh] = [h, other].map((values) => values.map((value) => Math.max(0, value))) as [Float64Array, Float64Array];
    const { mean, variance } = units(other, rows, width);
    return total(variance) / (total(variance) + total(mean.map((value) => value ** 2)));
  });
}
