/** @file For the tests: steps of a training program by the float64 evaluation, its stacks taken apart into parameters again. */
import { entry } from '../catalog.ts';
import type { Data } from '../define.ts';
import { evaluate, planEvaluation } from '../graph/evaluate.ts';
import { sizeOf, type Values } from '../graph/node.ts';
import { rng } from '../rng.ts';
import type { Measured } from '../solver.ts';
import { parseSpec, type Spec } from '../spec.ts';
import { batchOrder } from './batches.ts';
import { dataShape, initialWeights, planRun, type RunPlan } from './plan.ts';
import { randomValues } from './random.ts';
import { solverProgram } from './solver.ts';
import { finishRow, slotName, stepRows, trainingProgram } from './training.ts';

/** A float64 network of a few dozen weights; batch 8 of 40 examples. */
export function smallSpec(changes: Record<string, unknown> = {}): Spec {
  return parseSpec({
    network: { kind: 'mlpChain', depth: 3, width: 4 },
    activation: 'tanh',
    dataset: { kind: 'gaussianMixture', classes: 3, inputs: 5, train: 40, heldOut: 20 },
    batchSize: 8,
    runtime: { precision: 'float64' },
    ...changes,
  });
}

export const dataOf = (spec: Spec): { train: Data; heldOut: Data } =>
  entry('dataset', spec.dataset.kind).generate!(rng(spec.seed, 'data'), spec.dataset);

export interface Stepped {
  /** Parameters by name, before the step. */
  readonly weights: ReadonlyMap<string, Float64Array>;
  readonly next: ReadonlyMap<string, Float64Array>;
  /** Optimizer slots after the step, by `parameter/slot`. */
  readonly slots: ReadonlyMap<string, Float64Array>;
  readonly metrics: Readonly<Record<string, Float64Array>>;
  readonly batch: Int32Array;
}

export interface Steps {
  readonly plan: RunPlan;
  readonly data: { train: Data; heldOut: Data };
  /** The next step. */
  step(): Stepped;
  /** Weights put in place of the present ones, by parameter name. */
  set(name: string, values: Float64Array): void;
}

export function openSteps(
  spec: Spec,
  { groupLimit, data = dataOf(spec) }: { groupLimit?: number; data?: { train: Data; heldOut: Data } } = {},
): Steps {
  const { train } = data;
  const plan = planRun(spec, dataShape(train), groupLimit === undefined ? {} : { groupLimit });
  const { program, metrics, initials, random } = trainingProgram(plan, train.n);
  const initial = initialWeights(plan);
  const feeds: Record<string, Values> = { inputs: train.inputs, targets: (train.labels ?? train.values)! };
  for (const { name, input } of program.state) feeds[name] = initial.get(name) ?? new Float64Array(sizeOf(input.shape));
  for (const { name, stack } of initials) feeds[name] = initial.get(stack)!;
  const evaluation = planEvaluation([...program.state.map(({ next }) => next), program.records[0]!.value]);
  const batches = batchOrder(spec.seed, train.n, spec.batchSize);
  const members = (suffix: string) =>
    plan.stacks.flatMap(({ name, members: all, frozen }) => {
      if (suffix && frozen) return []; // has no slots
      const values = feeds[suffix ? slotName(name, suffix) : name] as Float64Array;
      const size = values.length / all.length;
      return all.map(
        (parameter, g) => [suffix ? `${parameter.name}/${suffix}` : parameter.name, values.slice(g * size, (g + 1) * size)] as const,
      );
    });
  const solver = solverProgram(plan, train.n);
  const measuring = solver && planEvaluation(solver.program.records.map(({ value }) => value));
  let solutions: Measured = {};
  const solve = (batch: Int32Array) => {
    const { probe } = solver!.rows(batch);
    const size = (probe?.length ?? 0) / solver!.runs;
    const runs = Array.from({ length: solver!.runs }, (_, k) =>
      evaluate(measuring!, { ...feeds, batch, ...(probe ? { probe: probe.subarray(k * size, (k + 1) * size) } : {}) }),
    );
    const records = solver!.program.records.map(({ name }, i) => [name, Float64Array.from(runs.flatMap((values) => [...values[i]!]))]);
    solutions = solver!.solve(Object.fromEntries(records), solutions);
    Object.assign(feeds, solutions);
  };
  let t = 0;
  return {
    plan,
    data,
    step() {
      const weights = new Map(members(''));
      const batch = batches(t, 1);
      feeds.batch = batch;
      if (solver && t % solver.every === 0) solve(batch);
      Object.assign(feeds, stepRows(plan, train.n, t, 1), randomValues(random, spec.seed, t, 1));
      t++;
      const results = evaluate(evaluation, feeds);
      program.state.forEach(({ name }, i) => (feeds[name] = results[i]!));
      const record = results.at(-1)!;
      return {
        weights,
        next: new Map(members('')),
        slots: new Map(plan.optimizer.slots.flatMap((slot) => members(slot))),
        metrics: Object.fromEntries(metrics.map((metric) => [metric.name, finishRow(metric, record, 0, record.length)])),
        batch,
      };
    },
    set(name, values) {
      const stack = plan.stacks.find(({ members: all }) => all.some((parameter) => parameter.name === name))!;
      const g = stack.members.findIndex((parameter) => parameter.name === name);
      (feeds[stack.name] as Float64Array).set(values, g * values.length);
    },
  };
}

export const norm = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));
export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);
/** Column j of a kernel [in, out]. */
export const column = (kernel: Float64Array, out: number, j: number): Float64Array => kernel.filter((_, at) => at % out === j);

/** Every value within `tolerance` of the expected one, relative to the larger of 1 and its size. */
export function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what = 'values'): void {
  if (actual.length !== expected.length) throw new Error(`${what}: ${actual.length} values, expected ${expected.length}`);
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!));
    if (!(error <= tolerance))
      throw new Error(`${what}[${i}]: got ${actual[i]}, expected ${expected[i]} (error ${error}, allowed ${tolerance})`);
  }
}
