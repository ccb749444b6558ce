/** @file Changes of a spec that several diagnoses advise. */
import { entry } from '../catalog.ts';
import type { Spec } from '../spec.ts';
import type { Remedy } from './evidence.ts';

/** Weights on the edge between losing and multiplying the signal. */
export function criticalInit({ activation, init, network, parameterization }: Spec): Remedy[] {
  if (network.normalization === 'batchNorm' || network.normalization === 'layerNorm') return [];
  const standard = parameterization.kind === 'standard' ? {} : { parameterization: 'standard' };
  const better =
    activation.kind === 'relu'
      ? 'he'
      : activation.kind === 'linear'
        ? 'orthogonal'
        : ['sigmoid', 'softplus', 'quadratic', 'cubic', 'threshold'].includes(activation.kind) // no edge of chaos near small signals
          ? null
          : 'criticalGaussian';
  if (better === null)
    return [
      {
        words: `tanh in place of ${activation.kind}, with weights on its edge of chaos`,
        change: { activation: 'tanh', init: 'criticalGaussian', ...standard },
      },
    ];
  return init.kind === better && parameterization.kind === 'standard'
    ? []
    : [{ words: `initialization ${better}, which keeps the size of the signal in the mean`, change: { init: better, ...standard } }];
}

/** As deep, with skip connections whose branches are scaled by L^-½. */
export function residual({ network }: Spec): Remedy[] {
  if (network.kind !== 'mlpChain') return [];
  const { depth, width } = network as unknown as { depth: number; width: number };
  return [
    {
      words: 'skip connections, branches scaled by 1/√L: norms stay of order 1 at every width',
      change: { network: { kind: 'resnet', depth: Math.max(1, Math.floor(depth / 2)), width, beta: 0.5 }, init: 'lecun' },
    },
  ];
}

/** Width in proportion to the depth. */
export function wider({ network }: Spec): Remedy[] {
  const { depth, width } = network as unknown as { depth?: number; width?: number };
  if (network.kind !== 'mlpChain' || depth === undefined || width === undefined || width >= 4 * depth || 4 * depth > 4096) return [];
  return [
    {
      words: `width ${4 * depth}, four times the depth: the median norm then stays of order 1`,
      change: { network: { ...network, width: 4 * depth } },
    },
  ];
}

export const lowerRate = ({ optimizer }: Spec, rate: number): Remedy => ({
  words: `learning rate ${Number(rate.toPrecision(2))}`,
  change: { optimizer: { ...optimizer, learningRate: Number(rate.toPrecision(2)) } },
});

/** Steps of a size of their own, where they are not already. */
export const adaptive = ({ optimizer }: Spec): Remedy[] =>
  entry('optimizer', optimizer.kind).gradientPower === undefined
    ? [{ words: 'Adam, whose steps do not depend on the gradient’s size', change: { optimizer: { kind: 'adam', learningRate: 1e-3 } } }]
    : [];
