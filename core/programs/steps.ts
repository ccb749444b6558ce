/** @file Steps of a training program by the float64 evaluation, without a runtime: its stacks are taken apart into parameters again. */
import { entry } from '../catalog.ts';
import type { Data } from '../define.ts';
import { evaluate, planEvaluation } from '../graph/evaluate.ts';
import { sizeOf, type Values } from '../graph/node.ts';
import { rng } from '../rng.ts';
import type { Measured } from '../solver.ts';
import type { Spec } from '../spec.ts';
import { batchOrder } from './batches.ts';
import { calibratedRates } from './calibration.ts';
import { dataShape, initialWeights, planRun, type RunPlan } from './plan.ts';
import { randomValues } from './random.ts';
import { finishRow } from './record.ts';
import { solverProgram } from './solver.ts';
import { slotName, stepRows, trainingProgram } from './training.ts';

/** The data of a spec whose data set is made from its seed. */
export const madeData = ({ dataset }: Spec): { train: Data; heldOut: Data } =>
  entry('dataset', dataset.kind).generate!(rng(Number(dataset.seed), 'data'), dataset);

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
  { groupLimit, data = madeData(spec) }: { groupLimit?: number; data?: { train: Data; heldOut: Data } } = {},
): Steps {
  const { train } = data;
  const plan = planRun(spec, dataShape(train), groupLimit === undefined ? {} : { groupLimit });
  const { program, metrics, initials, baseRates, random } = trainingProgram(plan, train.n);
  const initial = initialWeights(plan);
  const feeds: Record<string, Values> = { inputs: train.inputs, targets: (train.labels ?? train.values)! };
  for (const { name, input } of program.state) feeds[name] = initial.get(name) ?? new Float64Array(sizeOf(input.shape));
  for (const { name, stack } of initials) feeds[name] = initial.get(stack)!;
  const bases = plan.calibration && calibratedRates(plan, { train, initial });
  for (const { name, stack } of baseRates) feeds[name] = bases!.get(stack)!;
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
        slots: new Map([...plan.optimizer.slots, ...(plan.optimizer.memberSlots ?? [])].flatMap((slot) => members(slot))),
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
