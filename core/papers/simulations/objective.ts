/** @file The loss of a batch, its gradient and its Hessian along the scale-invariant weights, at any weights, in float64. */
import { createBuilder } from '../../graph/builder.ts';
import { gradient, hessianVector } from '../../graph/differentiate.ts';
import { evaluate, planEvaluation } from '../../graph/evaluate.ts';
import type { Values } from '../../graph/node.ts';
import { forwardPass, meanLoss, stackInputs, targetInput, type RunPlan } from '../../programs/plan.ts';

export type Weights = ReadonlyMap<string, Float64Array>;

/** A kernel whose filters the loss sees by direction alone. */
export interface Kernel {
  readonly name: string;
  readonly filters: number;
}
export const scaleInvariantKernels = ({ network: { parameters, layers } }: RunPlan): Kernel[] =>
  parameters
    .filter(({ role, layer }) => role === 'weight' && layers[layer]!.scaleInvariant === 'filter')
    .map(({ name, shape }) => ({ name, filters: shape.at(-1)! }));

/** Column j of each kernel [in, out]. */
export const filtersOf = (kernel: Float64Array, filters: number): Float64Array[] =>
  Array.from({ length: filters }, (_, j) => kernel.filter((_value, at) => at % filters === j));

export interface Objective {
  gradient(weights: Weights, x: Values, y: Values): Weights;
  /** H v for v = the scale-invariant kernels themselves, zero elsewhere. */
  alongKernels(weights: Weights, x: Values, y: Values): Weights;
}

export function objectiveOf(plan: RunPlan, rows: number): Objective {
  const g = createBuilder('float64');
  const stacks = stackInputs(g, plan).map(({ input }) => input);
  const x = g.input('x', [rows, plan.data.inputs]);
  const loss = meanLoss(g, plan, forwardPass(g, plan, stacks, x, rows).outputs, targetInput(g, 'y', plan, rows));
  const names = new Set(scaleInvariantKernels(plan).map(({ name }) => name));
  const vectors = plan.stacks.map(({ members }, i) => (members.every(({ name }) => names.has(name)) ? stacks[i]! : null));
  const [first, second] = [gradient(g, loss, stacks), hessianVector(g, loss, stacks, vectors)].map((nodes) => planEvaluation(nodes));
  const run = (evaluation: typeof first) => (weights: Weights, batch: Values, targets: Values) => {
    const feeds: Record<string, Values> = { x: batch, y: targets };
    for (const { name, members } of plan.stacks)
      feeds[name] = Float64Array.from(members.flatMap((parameter) => [...weights.get(parameter.name)!]));
    const values = evaluate(evaluation!, feeds);
    return new Map(
      plan.stacks.flatMap(({ members }, i) => {
        const size = values[i]!.length / members.length;
        return members.map(({ name }, at) => [name, Float64Array.from(values[i]!.subarray(at * size, (at + 1) * size))] as const);
      }),
    );
  };
  return { gradient: run(first), alongKernels: run(second) };
}
