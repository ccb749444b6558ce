/** @file Layer-sequential unit variance: kernels rescaled, bottom first, until the pre-activations of a batch have variance 1. */
import { createBuilder } from '../graph/builder.ts';
import { evaluate, planEvaluation } from '../graph/evaluate.ts';
import { forwardPass, stackInputs, type RunPlan } from './plan.ts';

const tolerance = 1e-3;
const rounds = 10;

/**
 * Changes `weights` (by stack, float64) in place. A layer whose pre-activations are constant on the batch is left alone.
 *
 * @param inputs a batch [rows, D] of the training set
 */
export function unitVariance(plan: RunPlan, weights: ReadonlyMap<string, Float64Array>, inputs: Float64Array, rows: number): void {
  const g = createBuilder('float64');
  const stacks = stackInputs(g, plan);
  const parts = stacks.map(({ input }) => input);
  const { taps } = forwardPass(g, plan, parts, g.input('x', [rows, plan.data.inputs]), rows);
  const { parameters } = plan.network;
  taps.forEach(({ preActivation }, layer) => {
    const kernel = parameters.find((parameter) => parameter.role === 'weight' && parameter.layer === layer)!;
    const stack = plan.stacks.find(({ members }) => members.includes(kernel))!;
    const all = weights.get(stack.name)!;
    const size = all.length / stack.members.length;
    const own = all.subarray(stack.members.indexOf(kernel) * size, (stack.members.indexOf(kernel) + 1) * size);
    const until = planEvaluation([preActivation]);
    for (let round = 0; round < rounds; round++) {
      const [h] = evaluate(until, { x: inputs, ...Object.fromEntries(weights) });
      const values = h as Float64Array;
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      if (!(variance > 0) || !Number.isFinite(variance) || Math.abs(variance - 1) < tolerance) return;
      own.forEach((value, i) => (own[i] = value / Math.sqrt(variance)));
    }
  });
}
