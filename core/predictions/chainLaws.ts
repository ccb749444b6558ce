/** @file The law of the log norms of a plain chain at its initialization, for the two kinds of chain that have an exact one. */
import { linearLayerLaw, reluLayerLaw, type LogLaw } from '../theory/depthLaws.ts';
import {
  hasActivation,
  hasInit,
  hasNormalization,
  isChain,
  isStandard,
  unmet,
  withoutDropout,
  type Regularized,
  type Specified,
} from './assumptions.ts';

export interface ChainLaw {
  /** Of the log of the squared norm, per layer. */
  readonly law: LogLaw;
  readonly depth: number;
}

/** What a chain must be: ReLU with He, or linear with LeCun, Gaussian, without normalization. */
export function chainFaults(plan: Regularized): readonly string[] {
  const linear = plan.spec.activation.kind === 'linear';
  return unmet(
    isChain(plan),
    hasNormalization(plan, 'none'),
    linear ? null : hasActivation(plan, 'relu'),
    hasInit(plan, linear ? 'lecun' : 'he', 'normal'),
    isStandard(plan),
    withoutDropout(plan),
  );
}

export function chainLawOf({ spec: { network, activation } }: Specified): ChainLaw {
  const width = Number(network.width);
  return { law: activation.kind === 'linear' ? linearLayerLaw(width) : reluLayerLaw(width), depth: Number(network.depth) };
}

/** Two standard deviations hold 95%. */
export const deviations = 2;
