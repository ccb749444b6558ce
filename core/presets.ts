/** @file Experiments to start from: a question, a spec, and the fields it varies. The first is the demonstration. */
import type { GridAxis } from './sweep.ts';

export interface Preset {
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly grid: readonly GridAxis[];
}

const seeds: GridAxis = { path: 'seed', values: [1, 2, 3] };

export const presets: readonly Preset[] = [
  {
    name: 'decayAgainstRescaling',
    title: 'WD against WRS on a batch-norm network',
    question:
      'Weight decay and weight rescaling both bound the weights in front of batch normalization. Do they keep the same effective learning rate, and do they generalize alike? Same seeds, same batches, one difference.',
    spec: {
      network: { kind: 'mlpChain', depth: 6, width: 64, normalization: 'batchNorm' },
      activation: 'relu',
      init: 'he',
      optimizer: { kind: 'momentum', learningRate: 0.02, momentum: 0.9 },
      dataset: { kind: 'glyphs', size: 12, train: 2000, heldOut: 1000, noise: 0.5 },
      batchSize: 64,
      steps: 12000, // about 10 s a run on one core, so that there is something to watch
      metrics: { evaluationEvery: 200 },
      curvature: { share: 0.3, topK: 3 },
    },
    // seeds outside: the three arms of the first seed train first, so that there is something to compare early
    grid: [seeds, { path: 'regularizer', values: [{ kind: 'none' }, { kind: 'l2', coefficient: 0.005 }, { kind: 'weightRescaling' }] }],
  },
  {
    name: 'vanishingGradients',
    title: 'Vanishing gradients: width against depth',
    question:
      'In a He-initialized ReLU chain without normalization the median gradient falls like exp(-5L/4n). How wide must a network be for its depth?',
    spec: {
      network: { kind: 'mlpChain', depth: 40, width: 16 },
      activation: 'relu',
      init: 'he',
      optimizer: { kind: 'sgd', learningRate: 0.01 },
      dataset: { kind: 'gaussianMixture', classes: 4, inputs: 16 },
      steps: 1000,
      curvature: { topK: 1 },
    },
    grid: [{ path: 'network.width', values: [8, 16, 64] }, seeds],
  },
  {
    name: 'widthLikeDepth',
    title: 'Width in proportion to depth',
    question:
      'The log norm of a ReLU chain falls by 5/4 of depth over width. If the width grows like the depth, do gradients keep their size, and does SGD leave the plateau?',
    spec: {
      network: { kind: 'mlpChain', depth: 16, width: 16 },
      activation: 'relu',
      init: 'he',
      optimizer: { kind: 'sgd', learningRate: 0.02 },
      dataset: { kind: 'gaussianMixture', classes: 4, inputs: 16 },
      steps: 1000,
      curvature: { topK: 1 },
    },
    // four on the line width = depth, two below it
    grid: [
      {
        path: 'network',
        values: (
          [
            [8, 8],
            [16, 16],
            [32, 32],
            [64, 64],
            [32, 8],
            [64, 8],
          ] as const
        ).map(([depth, width]) => ({ kind: 'mlpChain', depth, width })),
      },
      seeds,
    ],
  },
  {
    name: 'edgeOfStability',
    title: 'Edge of stability',
    question:
      'Under full-batch gradient descent the largest Hessian eigenvalue rises until it hovers at 2/η. At which learning rates does it get there?',
    spec: {
      network: { kind: 'mlpChain', depth: 2, width: 20 },
      activation: 'tanh',
      init: 'frameworkDefault',
      optimizer: { kind: 'gradientDescent', learningRate: 0.2 },
      loss: 'meanSquaredError',
      dataset: 'chebyshev',
      batchSize: 20,
      steps: 8000,
      curvature: { batchSize: 20, every: 40, topK: 3, blocks: false },
    },
    grid: [{ path: 'optimizer.learningRate', values: [0.1, 0.2, 0.4] }],
  },
  {
    name: 'residualScaling',
    title: 'Residual scale and depth',
    question:
      'With independent weights the branch scale L^-β is critical at β = 1/2: above it the network starts as the identity, below it explodes. What does training make of it?',
    spec: {
      network: { kind: 'resnet', depth: 32, width: 40 },
      activation: 'relu',
      init: { kind: 'lecun', distribution: 'uniform' },
      optimizer: { kind: 'adam', learningRate: 0.001 },
      dataset: { kind: 'teacherNetwork' },
      batchSize: 128,
      steps: 1000,
      curvature: { topK: 1, blocks: false },
    },
    grid: [{ path: 'network.beta', values: [0.25, 0.5, 1] }, seeds],
  },
  {
    name: 'smoothAcrossDepth',
    title: 'Smooth weights across depth',
    question:
      'With independent weights the branch scale L^-½ is critical, with weights that are smooth over depth it is 1/L. Does training keep the smoothness, and which pair learns best?',
    spec: {
      network: { kind: 'resnet', depth: 64, width: 16, branch: 'res1' },
      activation: 'relu',
      init: { kind: 'smooth', law: 'rbf' },
      optimizer: { kind: 'adam', learningRate: 0.001 },
      dataset: { kind: 'teacherNetwork' },
      batchSize: 128,
      steps: 1000,
      curvature: { topK: 1, blocks: false },
    },
    grid: [{ path: 'network.beta', values: [0.5, 1] }, { path: 'init.law', values: ['rbf', 'independent'] }, seeds],
  },
  {
    name: 'integrableWidths',
    title: 'Mean-field scaling in deep networks',
    question:
      'Integrable parameterizations stand still as the width grows from four weight layers on; maximal updates learn at every width. At which width does the difference show?',
    spec: {
      network: { kind: 'mlpChain', depth: 4, width: 64 },
      activation: 'relu',
      parameterization: 'ip',
      optimizer: { kind: 'sgd', learningRate: 0.1 },
      dataset: { kind: 'gaussianMixture', classes: 10, inputs: 32 },
      batchSize: 128,
      steps: 400,
      curvature: { topK: 1, blocks: false },
    },
    grid: [{ path: 'parameterization', values: ['ip', 'muP'] }, { path: 'network.width', values: [64, 256] }, seeds],
  },
  {
    name: 'weightNoise',
    title: 'Noise outside the span of the data',
    question:
      'Inputs span 10 of 40 dimensions, so descent never moves the weights in the other 30. The held-out set has noise there. How much accuracy does it cost, and does decay or rescaling remove it?',
    spec: {
      network: { kind: 'mlpChain', depth: 2, width: 32, normalization: 'batchNorm' },
      activation: 'relu',
      init: 'he',
      optimizer: { kind: 'sgd', learningRate: 0.1 },
      dataset: { kind: 'lowRank', labelNoise: 0.2, shift: 1 },
      batchSize: 100,
      steps: 3000,
      curvature: { topK: 1, blocks: false },
    },
    grid: [seeds, { path: 'regularizer', values: [{ kind: 'none' }, { kind: 'l2', coefficient: 0.05 }, { kind: 'weightRescaling' }] }],
  },
  {
    name: 'kinksAndSmoothness',
    title: 'Kinked and smooth activations on a half circle',
    question:
      'Random signs on 20 even points of a half circle. The smallest eigenvalue of the Gram matrix is 1/(4n) for ReLU and exponentially small for smooth activations. Who memorizes first?',
    spec: {
      network: { kind: 'twoLayer', width: 2000, trained: 'hidden' },
      init: 'lecun',
      optimizer: { kind: 'gradientDescent', learningRate: 2 },
      loss: 'meanSquaredError',
      dataset: { kind: 'halfCircle', train: 20, heldOut: 20 },
      batchSize: 20,
      steps: 3000,
      curvature: { batchSize: 20, topK: 3, blocks: false },
    },
    grid: [{ path: 'activation', values: ['relu', 'elu', 'tanh'] }, seeds],
  },
];
