/** @file Which weight decay acts on a run, where the theory of its equilibrium holds. */
import { isConstantRate, isStandard, withoutClipping } from '../predictions/assumptions.ts';
import { decayOf as numbersOf } from '../predictions/weightDecay.ts';
import { hiddenLayers, descent, type LayerFacts } from './runFacts.ts';
import type { Spec } from '../spec.ts';
import type { Decay } from '../theory/equilibrium.ts';

/** Coupled decay under plain SGD or the heavy ball (decoupled is the same without momentum), at a constant rate, unclipped; null otherwise. */
export function decayOf(spec: Spec): Decay | null {
  const steps = descent(spec);
  const { kind, coefficient } = spec.regularizer as { kind: string; coefficient?: number };
  const coupled = kind === 'l2' || (kind === 'decoupledWeightDecay' && steps?.momentum === 0);
  if (!steps || steps.kind === 'nesterov' || !coupled || !coefficient) return null;
  if (isConstantRate({ spec }) ?? isStandard({ spec }) ?? withoutClipping({ spec })) return null;
  return numbersOf({ spec });
}

/** Layers in front of a normalization that decay; none where steps leave blocks out, whose weights then decay without a gradient. */
export const decayedInvariant = (spec: Spec): LayerFacts[] =>
  (spec.network.stochasticDepth ? [] : hiddenLayers(spec)).filter(
    ({ scaleInvariant, treatment }) => scaleInvariant !== false && treatment === 'decay',
  );
