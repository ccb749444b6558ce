/** @file The loss on the fixed curvature batch, as a function of the training program's stacks: what Hessian-vector products are taken of. */
import { createBuilder } from '../graph/builder.ts';
import { rng } from '../rng.ts';
import type { Objective } from './lanczos.ts';
import { forwardPass, meanLoss, stackInputs, targetInput, type RunPlan } from './plan.ts';

/** Rows of the training set that make up the curvature batch: drawn once, the same for every step of the run. */
export function curvatureRows({ spec }: RunPlan, n: number): Int32Array {
  return rng(spec.seed, 'batch').permutation(n).slice(0, spec.curvature.batchSize);
}

/** Parameters: the stacks that are trained, under the names of the training state. Held: `curvatureInputs` [B, D], `curvatureTargets`. Batch normalization as in training. */
export function curvatureObjective(plan: RunPlan, rows: number): Objective {
  const g = createBuilder(plan.precision);
  const stacks = stackInputs(g, plan);
  const parameters = stacks.filter((_, i) => !plan.stacks[i]!.frozen);
  const frozen = stacks.filter((_, i) => plan.stacks[i]!.frozen);
  const x = g.input('curvatureInputs', [rows, plan.data.inputs]);
  const targets = targetInput(g, 'curvatureTargets', plan, rows);
  const { outputs } = forwardPass(
    g,
    plan,
    stacks.map(({ input }) => input),
    x,
    rows,
  );
  return {
    g,
    loss: meanLoss(g, plan, outputs, targets),
    parameters,
    held: [...frozen, { name: 'curvatureInputs', input: x }, { name: 'curvatureTargets', input: targets }],
  };
}
