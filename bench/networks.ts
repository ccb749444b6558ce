/** @file The networks that the benchmarks train: tanh chains, and convolutions of 16, 32 and 64 channels with batch normalization and ReLU; 784 inputs, 10 classes, plain SGD. */
import { rng } from '#core/rng.ts';
import { parseSpec } from '#core/spec.ts';
import { prepareRun, type PreparedRun } from '#workers/session.ts';

export type Network = { readonly batch: number } & (
  { readonly kind: 'mlpChain'; readonly depth: number; readonly width: number } | { readonly kind: 'vgg'; readonly pooling: 'max' | 'none' }
);
export const networks: readonly Network[] = [
  { kind: 'mlpChain', depth: 10, width: 64, batch: 128 },
  { kind: 'mlpChain', depth: 50, width: 64, batch: 128 },
  { kind: 'mlpChain', depth: 300, width: 40, batch: 50 },
  { kind: 'mlpChain', depth: 50, width: 256, batch: 128 },
  { kind: 'vgg', pooling: 'none', batch: 64 },
  { kind: 'vgg', pooling: 'max', batch: 64 },
];
const examples = 2048;
export const inputs = 784;

/** `10x64`, `conv`, `conv-max`. */
export function titleOf(network: Network): string {
  if (network.kind === 'mlpChain') return `${network.depth}x${network.width}`;
  return network.pooling === 'max' ? 'conv-max' : 'conv';
}

/** @param more further fields of the spec */
export function prepare({ batch, ...network }: Network, metrics: 'all' | string[], hosts: object = {}, more: object = {}): PreparedRun {
  const random = rng(1, 'data');
  const data = (n: number) => ({
    inputs: Float32Array.from({ length: n * inputs }, () => random.normal()),
    labels: Int32Array.from({ length: n }, () => random.integer(10)),
    n,
    inputSize: inputs,
    outputSize: 10,
    imageShape: [28, 28, 1] as const,
  });
  const spec = parseSpec({
    network: network.kind === 'vgg' ? { ...network, normalization: 'batchNorm' } : network,
    activation: network.kind === 'vgg' ? 'relu' : 'tanh',
    init: 'glorot',
    optimizer: { kind: 'sgd', learningRate: 1e-4 },
    dataset: { kind: 'glyphs', size: 28, train: examples },
    batchSize: batch,
    metrics: { step: metrics, ...hosts },
    curvature: { batchSize: batch },
    ...more,
  });
  return prepareRun(spec, { train: data(examples), heldOut: data(16) });
}
