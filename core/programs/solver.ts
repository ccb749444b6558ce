/** @file The program that measures what an optimizer's solver wants: one pass over the batch, or one for each of its outputs. */
import { matrixShape, type Measured, type SolverMoment } from '../solver.ts';
import { createBuilder, type Builder } from '../graph/builder.ts';
import { gradient } from '../graph/differentiate.ts';
import { sizeOf, type Node, type Values } from '../graph/node.ts';
import { topologicalOrder } from '../graph/order.ts';
import type { Named, Program } from '../graph/program.ts';
import { forwardPass, meanLoss, parameterOf, stackInputs, targetInput, typed, type RunPlan } from './plan.ts';
import { unitOf } from './rates.ts';

export interface SolverProgram {
  readonly program: Program;
  readonly every: number;
  /** How often it runs for one solution. */
  readonly runs: number;
  /** Rows of all those runs for one batch [B]. */
  rows(batch: Int32Array): Named;
  /** The solutions, and all else that is kept, from the records of all runs. */
  solve(records: Readonly<Record<string, Values>>, before: Measured): Measured;
}

/** Held: the stacks, `inputs` [n, D], `targets`. Rows: `batch` int32 [B], `probe` [B, K] where it was asked for. Null for an optimizer without a solver. */
export function solverProgram(plan: RunPlan, n: number): SolverProgram | null {
  const { solver } = plan.optimizer;
  if (!solver) return null;
  const { spec } = plan;
  const g = createBuilder(plan.precision);
  const stacks = stackInputs(g, plan);
  const weights = stacks.map(({ input }) => input);
  const batch = g.input('batch', [spec.batchSize], 'int32');
  const inputs = g.input('inputs', [n, plan.data.inputs]);
  const all = targetInput(g, 'targets', plan, n);
  const targets = g.gather(all, batch);
  const { outputs } = forwardPass(g, plan, weights, g.gather(inputs, batch), spec.batchSize);
  const probe = g.input('probe', outputs.shape);
  let probed = false;
  const kernels = appliedKernels(g, plan, weights, meanLoss(g, plan, outputs, targets));
  const places = new Map(kernels.map(({ name, places: of }) => [name, of]));
  const trained = plan.stacks.flatMap(({ frozen }, i) => (frozen ? [] : [i]));
  const moment: SolverMoment = {
    weights: trained.map((i) => weights[i]!),
    units: trained.map((i) => unitOf(g, plan, plan.stacks[i]!)),
    outputs,
    targets,
    kernels,
    probe: () => ((probed = true), probe),
  };
  const measured = Object.entries(solver.measure(g, moment, spec.optimizer));
  const runs = probed ? sizeOf(outputs.shape) : 1;
  const reached = new Set(topologicalOrder(measured.map(([, value]) => value)));
  const used = (list: { name: string; input: Node }[]) => list.filter(({ input }) => reached.has(input));
  return {
    program: {
      title: `what ${plan.optimizer.card.title} solves for`,
      g,
      state: [],
      held: used([...stacks, { name: 'inputs', input: inputs }, { name: 'targets', input: all }]),
      rows: used([
        { name: 'batch', input: batch },
        { name: 'probe', input: probe },
      ]),
      records: measured.map(([name, value]) => ({ name, value })),
    },
    every: solver.every(spec.optimizer),
    runs,
    rows: (of) => ({
      batch: Int32Array.from({ length: runs * of.length }, (_, i) => of[i % of.length]!),
      ...(probed ? { probe: typed(unitVectors(runs), plan.precision) } : {}),
    }),
    solve: (records, before) =>
      solver.solve(
        Object.fromEntries(measured.map(([name]) => [name, typed(records[name]!, 'float64') as Float64Array])),
        before,
        { stacks: plan.stacks, places },
        spec.optimizer,
      ),
  };
}

const unitVectors = (n: number): Float64Array => Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

/** Kernels that stand once in the graph, as the second factor of a plain product; slopes are those of each example's loss, not of their mean. */
function appliedKernels(g: Builder, plan: RunPlan, weights: readonly Node[], loss: Node): SolverMoment['kernels'] {
  const parameter = parameterOf(g, plan, weights);
  const names = new Map(
    plan.network.parameters.flatMap(({ name, role, shape }) =>
      role === 'weight' ? [[g.reshape(parameter(name), matrixShape(shape)), name] as const] : [],
    ),
  );
  const products = topologicalOrder([loss]).filter(
    ({ op, inputs, attrs }) => op === 'matMul' && names.has(inputs[1]!) && !attrs.transposeA && !attrs.transposeB,
  );
  const once = products.filter((product) => products.filter(({ inputs }) => inputs[1] === product.inputs[1]).length === 1);
  const batch = plan.spec.batchSize;
  return gradient(g, loss, once).map((slope, i) => {
    const [x, kernel] = once[i]!.inputs as [Node, Node];
    return { name: names.get(kernel)!, places: x.shape[0]! / batch, x, slopes: g.mul(slope, batch) };
  });
}
