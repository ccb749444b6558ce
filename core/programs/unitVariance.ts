/** @file Layer-sequential unit variance: kernels rescaled, bottom first, until the pre-activations of a batch have variance 1. */
import { createBuilder } from '../graph/builder.ts';
import { stagedEvaluation } from '../graph/staged.ts';
import { placesOf } from './places.ts';
import { forwardPass, memberOf, stackInputs, type RunPlan } from './plan.ts';

const tolerance = 1e-3;
const rounds = 10;

/**
 * Changes `weights` (by stack, float64) in place. Landmarks and layers whose pre-activations are constant on the batch are left alone. Each
 * layer is computed from what is remembered of those below: the cost grows with the depth, not with its square.
 *
 * @param inputs a batch [rows, D] of the training set
 */
export function unitVariance(plan: RunPlan, weights: ReadonlyMap<string, Float64Array>, inputs: Float64Array, rows: number): void {
  const g = createBuilder('float64');
  const stacks = stackInputs(g, plan).map(({ input }) => input);
  const { taps } = forwardPass(g, plan, stacks, g.input('x', [rows, plan.data.inputs]), rows);
  const outputs = taps.map(({ preActivation }) => preActivation);
  const evaluation = stagedEvaluation(outputs, { x: inputs, ...Object.fromEntries(weights) });
  const places = placesOf(plan);
  outputs.forEach((output, layer) => {
    const kernel = plan.network.parameters.find((parameter) => parameter.role === 'weight' && parameter.layer === layer)!;
    if (kernel.examples) return; // data
    const { stack, member, of } = places.get(kernel)!;
    const own = of(weights);
    for (let round = 0; round < rounds; round++) {
      const h = evaluation.value(output) as Float64Array;
      const mean = h.reduce((sum, value) => sum + value, 0) / h.length;
      const variance = h.reduce((sum, value) => sum + (value - mean) ** 2, 0) / h.length;
      if (!(variance > 0) || !Number.isFinite(variance) || Math.abs(variance - 1) < tolerance) break;
      own.forEach((value, i) => (own[i] = value / Math.sqrt(variance)));
      evaluation.forget(memberOf(g, stacks[stack]!, member));
    }
    evaluation.settle();
  });
}
