/** @file What a plain chain of random layers loses in the median, where the law of its depth is known. */
import type { Spec } from '../spec.ts';
import { linearLayerLaw, reluLayerLaw, type LogLaw } from '../theory/depthLaws.ts';

/**
 * Law of the log of the ratio of squared norms per layer of width n at initialization: Gaussian weights of variance 2/n in front of ReLU,
 * 1/n where there is no activation function. Null for any other network.
 */
export function chainLayerLaw({ network, activation, init, parameterization, regularizer }: Spec): LogLaw | null {
  if (network.kind !== 'mlpChain' || network.normalization !== 'none' || parameterization.kind !== 'standard') return null;
  if (init.distribution !== 'normal' || regularizer.kind === 'weightRescaling') return null;
  const width = network.width as number;
  if (activation.kind === 'relu' && init.kind === 'he') return reluLayerLaw(width);
  return activation.kind === 'linear' && init.kind === 'lecun' ? linearLayerLaw(width) : null;
}

/** The factor by which a norm falls in the median through so many layers; 1 where no law is known. */
export function medianLoss(spec: Spec, layers: number): number {
  const law = chainLayerLaw(spec);
  return law ? Math.exp((-layers * law.mean) / 2) : 1;
}
