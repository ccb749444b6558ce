/** @file The loss on the fixed curvature batch, as a function of the training program's stacks: what Hessian-vector products are taken of. */
import { catalog } from '../catalog.ts';
import type { Axis } from '../define.ts';
import { binCount } from '../curvature/density.ts';
import { createBuilder } from '../graph/builder.ts';
import type { Node } from '../graph/node.ts';
import { rng } from '../rng.ts';
import type { LayeredObjective } from './lanczos.ts';
import { eachLoss, forwardPass, meanLoss, memberOf, stackInputs, targetInput, type RunPlan } from './plan.ts';

/** Rows of the training set that make up the curvature batch: drawn once, the same for every step of the run. */
export function curvatureRows({ spec }: RunPlan, n: number): Int32Array {
  return rng(spec.seed, 'batch').permutation(n).slice(0, spec.curvature.batchSize);
}

/** Parameters: the stacks that are trained, under the names of the training state. Held: `curvatureInputs` [B, D], `curvatureTargets`. Batch normalization as in training. */
export function curvatureObjective(plan: RunPlan, rows: number): LayeredObjective {
  const g = createBuilder(plan.precision);
  const stacks = stackInputs(g, plan);
  const parameters = stacks.filter((_, i) => !plan.stacks[i]!.frozen);
  const frozen = stacks.filter((_, i) => plan.stacks[i]!.frozen);
  const x = g.input('curvatureInputs', [rows, plan.data.inputs]);
  const targets = targetInput(g, 'curvatureTargets', plan, rows);
  const { outputs, taps } = forwardPass(
    g,
    plan,
    stacks.map(({ input }) => input),
    x,
    rows,
  );
  return {
    g,
    loss: meanLoss(g, plan, outputs, targets),
    each: eachLoss(g, plan, outputs, targets),
    outputs,
    ...(plan.loss.information ? { information: (moved: Node) => plan.loss.information!(g, outputs, moved) } : {}),
    parameters,
    members: plan.stacks
      .filter(({ frozen }) => !frozen)
      .map(({ members }, stack) => members.map(({ layer }, member) => ({ node: memberOf(g, parameters[stack]!.input, member), layer }))),
    taps: taps.map(({ preActivation }) => preActivation),
    held: [...frozen, { name: 'curvatureInputs', input: x }, { name: 'curvatureTargets', input: targets }],
  };
}

/** What the run's instruments of curvature record. */
export function curvatureMetrics(plan: RunPlan): { name: string; axes: readonly Axis[]; width: number }[] {
  const { spec, network, parameterCount } = plan;
  const { topK } = spec.curvature;
  return Object.values(catalog.metric)
    .filter(
      ({ procedure, instrument, applies }) =>
        procedure === 'curvature' && [instrument ?? []].flat().every((field) => spec.curvature[field]) && (applies?.(plan) ?? true),
    )
    .map(({ card, axes, instrument }) => {
      const eigenvalue = instrument === 'exact' ? parameterCount : topK;
      const width: Partial<Record<Axis, number>> = { layer: network.layers.length, eigenvalue, bin: binCount };
      return { name: card.name, axes, width: axes.reduce((product, axis) => product * width[axis]!, 1) };
    });
}
