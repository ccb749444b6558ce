/** @file For the tests: one small instance of every network family with its variants, on data that fit it. */
import { parseSpec, type Spec } from '../spec.ts';

const flat = { kind: 'gaussianMixture', classes: 3, inputs: 5, train: 24, heldOut: 12 };
const images = { kind: 'glyphs', size: 12, train: 24, heldOut: 12 };

/** [title, network, dataset]. */
export const families: readonly (readonly [string, { kind: string } & Record<string, unknown>, object])[] = [
  ['MLP chain', { kind: 'mlpChain', depth: 3, width: 4 }, flat],
  ['MLP chain, batch norm', { kind: 'mlpChain', depth: 3, width: 4, normalization: 'batchNorm' }, flat],
  ['MLP chain, layer norm', { kind: 'mlpChain', depth: 3, width: 4, normalization: 'layerNorm' }, flat],
  ['res-3', { kind: 'resnet', depth: 3, width: 4 }, flat],
  ['res-1 with gates, batch norm', { kind: 'resnet', depth: 3, width: 4, branch: 'res1', gate: true, normalization: 'batchNorm' }, flat],
  ['res-3 with the scalars of Fixup', { kind: 'resnet', depth: 3, width: 4, scalars: true }, flat],
  ['res-3 with stochastic depth', { kind: 'resnet', depth: 3, width: 4, stochasticDepth: true, survival: 0.7, price: 0.1 }, flat],
  ['IC chain', { kind: 'icChain', depth: 3, width: 4, rate: 0.25, normalization: 'batchNorm' }, flat],
  ['IC chain, layer norm', { kind: 'icChain', depth: 2, width: 4, rate: 0, normalization: 'layerNorm' }, flat],
  ['two layers', { kind: 'twoLayer', width: 6, bias: true, exponent: 0.5 }, flat],
  ['two layers, readout frozen', { kind: 'twoLayer', width: 6, trained: 'hidden' }, flat],
  ['two layers, hidden frozen', { kind: 'twoLayer', width: 6, trained: 'readout' }, flat],
  ['Nyström layer', { kind: 'nystrom', landmarks: 4 }, flat],
  ['Nyström layer, all kernels', { kind: 'nystrom', landmarks: 3, similarity: 'all', floor: 0.1 }, flat],
  ['Nyström layer, both kernels', { kind: 'nystrom', landmarks: 3, similarity: 'both', floor: 0.1 }, flat],
  ['VGG, max pooling', { kind: 'vgg', stages: 2, channels: 2 }, images],
  [
    'VGG, batch norm, average pooling',
    { kind: 'vgg', stages: 2, channels: 2, normalization: 'batchNorm', pooling: 'average', head: 'flatten' },
    images,
  ],
  [
    'VGG, layer norm, strides',
    { kind: 'vgg', stages: 2, channels: 2, convolutions: 2, normalization: 'layerNorm', pooling: 'stride' },
    images,
  ],
  ['VGG, no pooling, an odd size', { kind: 'vgg', stages: 2, channels: 2, pooling: 'none', kernel: '5' }, { ...images, size: 13 }],
  ['convolutional chain', { kind: 'vgg', stages: 1, convolutions: 3, channels: 2, normalization: 'batchNorm' }, images],
  ['convolutional resnet', { kind: 'convolutionalResnet', stages: 2, channels: 2 }, images],
  [
    'convolutional resnet, no normalization',
    { kind: 'convolutionalResnet', stages: 2, channels: 2, normalization: 'none', beta: 0.5 },
    images,
  ],
  [
    'convolutional resnet with gates, layer norm',
    { kind: 'convolutionalResnet', stages: 1, channels: 2, normalization: 'layerNorm', gate: true },
    images,
  ],
  [
    'convolutional resnet with the scalars of Fixup',
    { kind: 'convolutionalResnet', stages: 2, channels: 2, normalization: 'none', scalars: true },
    images,
  ],
  [
    'convolutional resnet with stochastic depth and the scalars of Fixup',
    { kind: 'convolutionalResnet', stages: 2, channels: 2, normalization: 'none', scalars: true, stochasticDepth: true, survival: 0.5 },
    images,
  ],
];

export const familySpec = (network: object, dataset: object, changes: Record<string, unknown> = {}): Spec =>
  parseSpec({
    network,
    dataset,
    activation: 'tanh',
    init: 'lecun',
    batchSize: 8,
    steps: 5,
    curvature: { batchSize: 12, topK: 1 },
    runtime: { precision: 'float64' },
    ...changes,
  });
