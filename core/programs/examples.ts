/** @file Kernels that start as examples of the training set: the landmarks of a Nyström layer. */
import type { Data } from '../define.ts';
import { rng } from '../rng.ts';
import type { RunPlan } from './plan.ts';

/**
 * Changes `weights` (by stack, float64) in place: each column one example, drawn without replacement.
 *
 * @throws RangeError where there are fewer examples than columns
 */
export function placeExamples(plan: RunPlan, weights: ReadonlyMap<string, Float64Array>, { inputs, inputSize, n }: Data): void {
  for (const { name, members } of plan.stacks)
    members.forEach(({ shape, examples, layer }, member) => {
      if (!examples) return;
      const columns = shape[1]!;
      if (columns > n) throw new RangeError(`${name} takes ${columns} examples, but the training set has ${n}`);
      const chosen = rng(plan.spec.seed, 'init', plan.network.parameters.length + layer).permutation(n);
      const own = weights.get(name)!.subarray(member * inputSize * columns, (member + 1) * inputSize * columns);
      for (let column = 0; column < columns; column++)
        for (let i = 0; i < inputSize; i++) own[i * columns + column] = inputs[chosen[column]! * inputSize + i]!;
    });
}
