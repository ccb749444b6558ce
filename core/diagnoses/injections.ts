/**
 * @file Runs whose condition theory foretells: faults injected on purpose, and healthy runs of every family. A diagnosis is measured on
 * them: found where it is injected, silent where nothing is wrong.
 */
import { examined } from './diagnose.ts';
import { entry } from '../catalog.ts';
import { parseSpec, type Spec } from '../spec.ts';

export interface Condition {
  /** The diagnosis that is injected; `healthy` where nothing is. */
  readonly name: string;
  /** Why theory says that these runs have it. */
  readonly reason: string;
  /** Diagnoses that the same cause brings along: neither asked for nor held against anybody. */
  readonly alongside: readonly string[];
  readonly specs: readonly Readonly<Record<string, unknown>>[];
}

const mixture = { kind: 'gaussianMixture', classes: 4, inputs: 16, train: 512, heldOut: 64 };
/** A fifth of the labels is random: the gradient never ends. */
const noisy = { kind: 'lowRank', rank: 16, inputs: 16, train: 512, heldOut: 64, labelNoise: 0.2 };
const glyphs = { kind: 'glyphs', train: 512, heldOut: 64 };
const chain = (depth: number, width: number, more: object = {}) => ({ network: { kind: 'mlpChain', depth, width, ...more } });
const sgd = (learningRate: number) => ({ kind: 'sgd', learningRate });
const sizes = (...list: readonly (readonly [depth: number, width: number])[]) => list.map(([depth, width]) => chain(depth, width));
const base = { dataset: mixture, optimizer: sgd(0.05), batchSize: 64, steps: 160 };

export const conditions: readonly Condition[] = [
  {
    name: 'healthy',
    reason: 'critical weights at moderate depth, skip connections or normalization, inputs that span their space',
    alongside: [],
    specs: [
      { ...base, ...chain(10, 64) },
      { ...base, ...chain(5, 32) },
      { ...base, ...chain(20, 64), activation: 'tanh', init: 'criticalGaussian' },
      { ...base, ...chain(6, 64), activation: 'gelu', init: 'criticalGaussian' },
      { ...base, ...chain(5, 64, { normalization: 'batchNorm' }) },
      { ...base, ...chain(5, 64, { normalization: 'layerNorm' }) },
      { ...base, ...chain(10, 64), optimizer: { kind: 'adam', learningRate: 1e-3 } },
      { ...base, network: { kind: 'resnet', depth: 20, width: 40 }, init: 'lecun' },
      { ...base, network: { kind: 'resnet', depth: 20, width: 40, branch: 'res1' }, init: 'lecun' },
      { ...base, network: { kind: 'resnet', depth: 10, width: 32, gate: true }, init: 'lecun' },
      { ...base, network: { kind: 'twoLayer', width: 64 } },
      { ...base, network: { kind: 'icChain', depth: 4, width: 64 } },
      { ...base, network: { kind: 'nystrom', landmarks: 32 } },
      { ...base, network: { kind: 'vgg', stages: 2, channels: 8, normalization: 'batchNorm' }, dataset: glyphs },
      { ...base, network: { kind: 'convolutionalResnet', stages: 2, channels: 8 }, dataset: glyphs },
    ],
  },
  {
    name: 'vanishingGradients',
    reason:
      'sigmoid passes at most a quarter of the error per layer; variance 1/(3n) loses a factor √6 per ReLU layer; 8 units at depth 64 lose 10^5.5 in the median',
    alongside: ['rankCollapse', 'vanishingCurvature', 'stationaryAtInit', 'deadUnits'],
    specs: [
      ...sizes([10, 32], [10, 64], [20, 32]).map((size) => ({ ...base, ...size, activation: 'sigmoid', init: 'glorot' })),
      ...sizes([15, 32], [15, 64], [25, 32]).map((size) => ({ ...base, ...size, init: 'frameworkDefault' })),
      { ...base, ...chain(64, 8) },
    ],
  },
  {
    name: 'explodingGradients',
    reason:
      'batch normalization without skip connections multiplies by 1.21 per layer; orthogonal weights of gain 2 by √2 per ReLU layer each way; L^-0.1 in front of residual branches is too much; so is a learning rate of 20',
    alongside: ['edgeOfStability', 'deadUnits', 'rankCollapse'],
    specs: [
      ...sizes([30, 16], [30, 32], [40, 16]).map(({ network }) => ({ ...base, network: { ...network, normalization: 'batchNorm' } })),
      { ...base, ...chain(25, 64), init: { kind: 'orthogonal', gain: 2 } },
      { ...base, network: { kind: 'resnet', depth: 40, width: 40, beta: 0.1 }, init: 'lecun' },
      { ...base, ...chain(5, 64), optimizer: sgd(20), loss: 'meanSquaredError' },
    ],
  },
  {
    name: 'vanishingCurvature',
    reason: 'the Hessian’s diagonal blocks fall twice as fast with depth as the gradients: narrow ReLU chains, and variance 1/(3n)',
    alongside: ['vanishingGradients', 'rankCollapse', 'stationaryAtInit', 'deadUnits'],
    specs: [
      ...sizes([15, 16], [25, 16], [15, 32]).map((size) => ({ ...base, ...size, init: 'frameworkDefault' })),
      ...sizes([48, 8], [64, 8]).map((size) => ({ ...base, ...size })),
    ],
  },
  {
    name: 'deadUnits',
    reason: 'a layer of 2, 3 or 4 ReLU units is silent with chance 2^-n, so at these depths some layer is with chance 98% or more',
    alongside: ['vanishingGradients', 'vanishingCurvature', 'rankCollapse', 'stationaryAtInit'],
    specs: sizes([40, 2], [60, 3], [64, 4]).map((size) => ({ ...base, ...size })),
  },
  {
    name: 'weightNoise',
    reason: 'inputs of rank 5 or 10 in 40 dimensions, no decay: 7/8 or 3/4 of the first kernel is never touched',
    alongside: [],
    specs: [5, 10].flatMap((rank) =>
      [chain(2, 32), chain(2, 64), chain(2, 32, { normalization: 'batchNorm' })].map((network) => ({
        ...base,
        ...network,
        dataset: { kind: 'lowRank', rank, train: 512, heldOut: 64 },
      })),
    ),
  },
  {
    name: 'edgeOfStability',
    reason:
      'full-batch descent on a Chebyshev polynomial of degree 4 sharpens until 2/η, with momentum 2(1+μ)/η; where it begins beyond that it may diverge',
    alongside: ['explodingGradients'],
    specs: [0.1, 0.2, 0.4]
      .flatMap((rate): object[] => [
        { kind: 'gradientDescent', learningRate: rate },
        { kind: 'momentum', learningRate: rate, momentum: 0.5 },
      ])
      .map((optimizer) => ({
        ...chain(2, 32),
        activation: 'tanh',
        init: 'lecun',
        loss: 'meanSquaredError',
        dataset: { kind: 'chebyshev', degree: 4 },
        batchSize: 20,
        optimizer,
        steps: 4000,
      })),
  },
  {
    name: 'rankCollapse',
    reason:
      'correlations of examples go to 1 exponentially where weights are below the edge of chaos; after the large first step of IP-LLR all examples excite the same ReLU units',
    alongside: ['vanishingGradients', 'vanishingCurvature', 'stationaryAtInit', 'deadUnits', 'explodingGradients', 'edgeOfStability'],
    specs: [
      ...sizes([10, 32], [20, 16]).map((size) => ({ ...base, ...size, init: 'frameworkDefault' })),
      ...sizes([14, 32], [20, 32]).map((size) => ({ ...base, ...size, activation: 'tanh', init: 'frameworkDefault' })),
      { ...base, ...chain(6, 128), parameterization: 'ipLlr', optimizer: sgd(0.05) },
    ],
  },
  {
    name: 'equilibriumReached',
    reason:
      'batch normalization with weight decay for many times (1-μ)/(4ηλ) steps, on labels of which a fifth is random, so that the gradient persists',
    alongside: [],
    specs: [
      { optimizer: sgd(0.1), regularizer: { kind: 'l2', coefficient: 0.05 } },
      { optimizer: sgd(0.2), regularizer: { kind: 'l2', coefficient: 0.02 } },
      { optimizer: { kind: 'momentum', learningRate: 0.05, momentum: 0.9 }, regularizer: { kind: 'l2', coefficient: 0.02 } },
    ].flatMap((decay) => [
      { ...chain(2, 32, { normalization: 'batchNorm' }), ...decay, dataset: noisy, batchSize: 64, steps: 1500 },
      { ...chain(3, 64, { normalization: 'batchNorm' }), ...decay, dataset: noisy, batchSize: 64, steps: 1500 },
    ]),
  },
  {
    name: 'stationaryAtInit',
    reason: 'integrable scaling of 5 or 6 weight layers: the first step changes the output by width^-2 or width^-3',
    alongside: ['vanishingGradients', 'vanishingCurvature', 'rankCollapse', 'deadUnits'],
    specs: sizes([4, 128], [4, 256], [5, 64], [5, 128]).map((size) => ({ ...base, ...size, parameterization: 'ip' })),
  },
];

/** Instruments so often that three measurements at least are made. */
const measurements = 8;

/** The specs of a condition as they are trained, once for each seed; `read`: the metrics that are recorded, those of all diagnoses by default. */
export const injected = ({ specs }: Condition, seeds: readonly number[], read?: readonly string[]): Spec[] =>
  specs.flatMap((spec) =>
    seeds.map((seed) =>
      parseSpec({
        ...examined(spec, Math.floor((spec.steps as number) / measurements), read),
        seed,
        runtime: { name: 'onnx', device: 'cpu', threads: 1 },
      }),
    ),
  );

/** A spec in a few words: what of it the conditions vary. */
export function inShort({ network, activation, init, parameterization, optimizer, regularizer }: Spec): string {
  const { depth, width, normalization } = network as { depth?: number; width?: number; normalization?: string };
  const size = depth === undefined ? [] : [`depth ${depth}`];
  return [
    entry('network', network.kind).card.title,
    ...size,
    ...(width === undefined ? [] : [`width ${width}`]),
    ...(normalization && normalization !== 'none' ? [normalization] : []),
    activation.kind,
    init.kind,
    ...(parameterization.kind === 'standard' ? [] : [parameterization.kind]),
    `${optimizer.kind} ${optimizer.learningRate}`,
    ...(regularizer.kind === 'none' ? [] : [`${regularizer.kind} ${regularizer.coefficient ?? ''}`]),
  ].join(', ');
}
