/** @file What the balance of weight decay assumes, and the three numbers it depends on. */
import type { RunPlan } from '../programs/plan.ts';
import type { Spec } from '../spec.ts';
import type { Decay } from '../theory/equilibrium.ts';
import {
  hasInvariantLayers,
  hasRegularizer,
  isConstantRate,
  isSgdLike,
  isStandard,
  takesAllBlocks,
  unmet,
  withoutClipping,
} from './assumptions.ts';

export const equilibriumFaults = (plan: RunPlan): readonly string[] =>
  unmet(
    hasInvariantLayers(plan),
    takesAllBlocks(plan),
    hasRegularizer(plan, 'l2', ...(plan.spec.optimizer.kind === 'momentum' ? [] : ['decoupledWeightDecay'])),
    isSgdLike(plan),
    isConstantRate(plan),
    isStandard(plan),
    withoutClipping(plan),
  );

export const decayOf = ({ spec: { optimizer, regularizer } }: { readonly spec: Pick<Spec, 'optimizer' | 'regularizer'> }): Decay => ({
  learningRate: Number(optimizer.learningRate),
  decay: Number(regularizer.coefficient ?? 0),
  momentum: Number(optimizer.momentum ?? 0),
});
