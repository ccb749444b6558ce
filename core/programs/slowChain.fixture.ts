/** @file For the tests: a tanh chain with biases and its cross-entropy gradient in plain loops, written without the graph. */
import type { Data } from '../define.ts';
import type { NetworkPlan } from '../define.ts';

export interface SlowPass {
  readonly loss: number;
  readonly accuracy: number;
  /** Per layer what leaves it, [B][N]. */
  readonly activations: readonly number[][][];
  readonly gradients: ReadonlyMap<string, Float64Array>;
}

export function slowChain(
  network: NetworkPlan,
  weights: ReadonlyMap<string, Float64Array>,
  { inputs, labels, inputSize, outputSize }: Data,
  batch: Int32Array,
): SlowPass {
  const names = network.layers.map(({ name }) => name);
  const size = batch.length;
  const activations: number[][][] = names.map(() => []);
  const gradients = new Map([...weights].map(([name, values]) => [name, new Float64Array(values.length)]));
  let loss = 0;
  let hits = 0;
  for (const row of batch) {
    const x = Array.from(inputs.subarray(row * inputSize, (row + 1) * inputSize));
    const layers = [x];
    names.forEach((name, l) => {
      const [kernel, bias] = [weights.get(`${name}.weight`)!, weights.get(`${name}.bias`)!];
      const below = layers.at(-1)!;
      const h = Array.from(bias, (b, j) => below.reduce((sum, value, i) => sum + value * kernel[i * bias.length + j]!, b));
      const out = l === names.length - 1 ? h : h.map(Math.tanh);
      layers.push(out);
      activations[l]!.push(out);
    });
    const z = layers.at(-1)!;
    const label = labels![row]!;
    const total = z.reduce((sum, value) => sum + Math.exp(value), 0);
    loss += (Math.log(total) - z[label]!) / size;
    if (z.indexOf(Math.max(...z)) === label) hits++;
    let delta = z.map((value, k) => (Math.exp(value) / total - (k === label ? 1 : 0)) / size);
    for (let l = names.length - 1; l >= 0; l--) {
      const kernel = weights.get(`${names[l]!}.weight`)!;
      const below = layers[l]!;
      const width = delta.length;
      delta.forEach((d, j) => {
        gradients.get(`${names[l]!}.bias`)![j]! += d;
        below.forEach((value, i) => (gradients.get(`${names[l]!}.weight`)![i * width + j]! += value * d));
      });
      delta = below.map((value, i) => (1 - value * value) * delta.reduce((sum, d, j) => sum + d * kernel[i * width + j]!, 0));
    }
  }
  if (outputSize !== activations.at(-1)![0]!.length) throw new Error('the readout does not fit the data');
  return { loss, accuracy: hits / size, activations, gradients };
}
