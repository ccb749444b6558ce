/** @file Questions to start from, each small enough to be read. */

export interface Example {
  readonly name: string;
  readonly question: Readonly<Record<string, unknown>>;
}

/** Deterministic numbers of about unit size: a page needs no generator for an example. */
const wave = (n: number, step: number): number[] => Array.from({ length: n }, (_, i) => Math.round(1000 * Math.sin(step * (i + 1))) / 1000);

const everything = [
  'loss',
  'gradients',
  'layerNorms',
  { hessian: { top: 5, bottom: 5, trace: true, frobenius: true, spectrum: true, matrix: true } },
  { blocks: { top: 1, bottom: 1, trace: true } },
  { ggn: { top: 3, trace: true } },
  { gram: { spectrum: true } },
  'density',
  'perSample',
];

export const examples: readonly Example[] = [
  {
    name: 'XOR, two layers',
    question: {
      layers: [
        { type: 'dense', name: 'hidden', in: 2, out: 3, activation: 'tanh' },
        { type: 'dense', name: 'readout', in: 3, out: 1 },
      ],
      params: {
        'hidden.kernel': { shape: [2, 3], data: [0.5, -1, 0.3, 0.8, 0.2, -0.7] },
        'hidden.bias': { shape: [3], data: [0.1, 0, -0.2] },
        'readout.kernel': { shape: [3, 1], data: [1, -0.5, 0.7] },
        'readout.bias': { shape: [1], data: [0.05] },
      },
      inputs: [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ],
      targets: [[0], [1], [1], [0]],
      loss: 'half_mse',
      ask: everything,
    },
  },
  {
    name: 'Convolution with batch normalization',
    question: {
      layers: [
        { type: 'conv2d', name: 'conv', kernel: [3, 3, 1, 2], padding: 'same', bias: false },
        { type: 'batchnorm', name: 'norm', affine: true },
        { type: 'activation', fn: 'relu' },
        { type: 'maxpool2' },
        { type: 'global_avg_pool' },
        { type: 'dense', name: 'readout', out: 2 },
      ],
      params: {
        'conv.kernel': { shape: [3, 3, 1, 2], data: wave(18, 2.1) },
        'norm.scale': { shape: [2], data: [1, 0.8] },
        'norm.shift': { shape: [2], data: [0, 0.1] },
        'readout.kernel': { shape: [2, 2], data: [0.6, -0.4, 0.2, 0.9] },
        'readout.bias': { shape: [2], data: [0, 0] },
      },
      inputs: { shape: [6, 4, 4, 1], data: wave(96, 1.3) },
      targets: [0, 1, 0, 1, 1, 0],
      loss: 'softmax_ce',
      ask: everything,
    },
  },
  {
    name: 'Network of the catalog at its initial weights',
    question: {
      spec: { network: { kind: 'mlpChain', depth: 4, width: 6 }, activation: 'tanh', init: 'he', seed: 1 },
      inputs: { shape: [8, 3], data: wave(24, 0.9) },
      targets: [0, 1, 2, 0, 1, 2, 0, 1],
      loss: 'softmaxCrossEntropy',
      ask: [...everything, 'gradNorm', 'updateRatio', 'blockTop'],
    },
  },
  {
    name: 'A matrix alone',
    question: {
      operator: { diagonal: [85.5, 12, 3, 1, 0.1, 0, -1, -127.6], solver: 'lanczos' },
      ask: { top: 3, bottom: 3, trace: true, spectrum: true, density: true },
    },
  },
];
