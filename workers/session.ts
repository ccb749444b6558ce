/** @file A run inside a runtime: its programs compiled, its tensors uploaded; steps, evaluations and snapshots are calls. */
import { entry } from '#core/catalog.ts';
import type { Data } from '#core/define.ts';
import { sizeOf, type Values } from '#core/graph/node.ts';
import type { Handle, Named, Runtime } from '#core/graph/program.ts';
import { batchOrder } from '#core/programs/batches.ts';
import { calibratedRates } from '#core/programs/calibration.ts';
import { curvatureObjective, curvatureRows } from '#core/programs/curvature.ts';
import { evaluationProgram, evaluationRows, finishEvaluation, needsStatistics, statisticsLimit } from '#core/programs/evaluation.ts';
import { dataShape, initialWeights, planRun, typed, type RunPlan } from '#core/programs/plan.ts';
import { unitVariance } from '#core/programs/unitVariance.ts';
import { placeExamples } from '#core/programs/examples.ts';
import { randomValues } from '#core/programs/random.ts';
import { solverProgram, type SolverProgram } from '#core/programs/solver.ts';
import { stepRows, trainingProgram, type TrainingProgram } from '#core/programs/training.ts';
import { rng } from '#core/rng.ts';
import type { Measured } from '#core/solver.ts';
import type { Spec } from '#core/spec.ts';
import { openCurvature, type CurvatureInstrument } from './curvature.ts';
import { openInstruments, type Instrument } from './instruments.ts';
import { openSolver } from './solver.ts';

export interface DataSets {
  readonly train: Data;
  readonly heldOut: Data;
}
export interface Tensor {
  readonly values: Values;
  readonly shape: readonly number[];
}

/** A run on the host, before any runtime: what `choose` times and what a session uploads. */
export interface PreparedRun {
  readonly plan: RunPlan;
  readonly data: DataSets;
  readonly training: TrainingProgram;
  readonly state: Readonly<Record<string, Tensor>>;
  readonly held: Readonly<Record<string, Tensor>>;
  /** The stacks at step 0, as the runtime took them. */
  readonly initial: ReadonlyMap<string, Values>;
  readonly solver: SolverProgram | null;
  /** What the solver has kept; nothing before the first step. */
  readonly solved: Measured;
  /** Inputs of `steps` steps from `first` on: batches, learning rates, step numbers. */
  rows(first: number, steps: number): Named;
}

/** A data-dependent initialization looks at this many rows of the training set. */
const calibrationRows = 128;
/** What a solver keeps lies under this in a snapshot, beside the state. */
const solverPrefix = 'solver/';
/** Evaluations of the training set look at this many of its rows. */
const trainRowsLimit = 10_000;

export function prepareRun(spec: Spec, data: DataSets, snapshot?: Readonly<Record<string, Values>>): PreparedRun {
  const { train } = data;
  const plan = planRun(spec, dataShape(train));
  const { precision, optimizer } = plan;
  if (!optimizer.fullBatch && spec.batchSize > train.n)
    throw new RangeError(`batchSize must be at most the ${train.n} training examples, got ${spec.batchSize}`);
  const training = trainingProgram(plan, train.n);
  const initial = initialWeights(plan, (weights) => {
    placeExamples(plan, weights, train);
    if (entry('init', spec.init.kind).unitVariance) {
      const rows = rng(spec.seed, 'batch').permutation(train.n).slice(0, calibrationRows); // files may be sorted by class
      const inputs = new Float64Array(rows.length * train.inputSize);
      rows.forEach((row, i) => inputs.set(train.inputs.subarray(row * train.inputSize, (row + 1) * train.inputSize), i * train.inputSize));
      unitVariance(plan, weights, inputs, rows.length);
    }
  });
  const tensor = (values: Values, of: readonly number[]): Tensor => ({ values: typed(values, precision), shape: of });
  const state = training.program.state.map(({ name, input }) => {
    const values = snapshot ? snapshot[name] : (initial.get(name) ?? new Float64Array(sizeOf(input.shape)));
    if (values?.length !== sizeOf(input.shape))
      throw new RangeError(`checkpoint: ${name} must have ${sizeOf(input.shape)} values, got ${values?.length ?? 'none'}`);
    return [name, tensor(values, input.shape)] as const;
  });
  const initials = training.initials.map(
    ({ name, stack }) => [name, tensor(initial.get(stack)!, plan.stacks.find((s) => s.name === stack)!.shape)] as const,
  );
  const bases = plan.calibration && calibratedRates(plan, { train, initial });
  const baseRates = training.baseRates.map(({ name, stack, shape }) => [name, tensor(bases!.get(stack)!, shape)] as const);
  const batches = batchOrder(spec.seed, train.n, spec.batchSize);
  const solved = Object.fromEntries(
    Object.entries(snapshot ?? {}).flatMap(([name, values]) =>
      name.startsWith(solverPrefix) ? [[name.slice(solverPrefix.length), typed(values, 'float64') as Float64Array]] : [],
    ),
  );
  const solutions = training.solutions.map(
    ({ name, input }) => [name, tensor(solved[name] ?? new Float64Array(sizeOf(input.shape)), input.shape)] as const,
  );
  return {
    plan,
    data,
    training,
    solver: solverProgram(plan, train.n),
    solved,
    state: Object.fromEntries(state),
    held: { ...dataTensors(plan, train), ...Object.fromEntries([...initials, ...baseRates, ...solutions]) },
    initial: new Map([...initial].map(([name, values]) => [name, typed(values, precision)])),
    rows: (first, steps) => ({
      ...(optimizer.fullBatch ? {} : { batch: batches(first, steps) }),
      ...Object.fromEntries(
        Object.entries({ ...stepRows(plan, train.n, first, steps), ...randomValues(training.random, spec.seed, first, steps) }).map(
          ([name, values]) => [name, typed(values, precision)],
        ),
      ),
    }),
  };
}

function dataTensors(
  { precision }: RunPlan,
  { inputs, labels, values, n, inputSize, outputSize }: Data,
): Record<'inputs' | 'targets', Tensor> {
  return {
    inputs: { values: typed(inputs, precision), shape: [n, inputSize] },
    targets: labels ? { values: labels, shape: [n] } : { values: typed(values!, precision), shape: [n, outputSize] },
  };
}

export interface Session {
  /** Steps first … first + steps - 1; the records of all of them, [steps, R]. */
  run(first: number, steps: number): Promise<Values>;
  /** Loss and accuracy over the sets, as metric rows. */
  evaluate(): Promise<{ metric: string; values: Float64Array }[]>;
  curvature: CurvatureInstrument | null;
  /** Those that the spec wants. */
  instruments: readonly Instrument[];
  /** Handles of the weights, as the curvature programs want them. */
  weights(): Readonly<Record<string, Handle>>;
  /** The same, as copies that the next steps leave alone; the caller gives them back with `release`. */
  copyWeights(): Promise<Readonly<Record<string, Handle>>>;
  release(weights: Readonly<Record<string, Handle>>): void;
  /** Values of the whole state. */
  snapshot(): Promise<Record<string, Values>>;
}

export async function openSession(runtime: Runtime, run: PreparedRun): Promise<Session> {
  const { plan, data, training, state: initial, held: heldTensors, rows } = run;
  const upload = async (tensors: Readonly<Record<string, Tensor>>): Promise<Record<string, Handle>> => {
    const handles: Record<string, Handle> = {};
    for (const [name, { values, shape }] of Object.entries(tensors)) handles[name] = await runtime.upload(values, shape);
    return handles;
  };
  const { program } = training;
  const executable = await runtime.compile(program);
  let state: Readonly<Record<string, Handle>> = await upload(initial);
  const held = await upload(heldTensors);
  const solver = await openSolver(runtime, run);
  const weights = () => Object.fromEntries(plan.stacks.map(({ name }) => [name, state[name]!]));
  const only = <T>(all: Readonly<Record<string, T>>, names: readonly { name: string }[]) =>
    Object.fromEntries(names.map(({ name }) => [name, all[name]!]));
  const evaluators = [
    await openEvaluator('heldOut', data.heldOut, await upload(dataTensors(plan, data.heldOut))),
    await openEvaluator('train', data.train, held as Record<'inputs' | 'targets', Handle>),
  ];

  async function openEvaluator(name: string, set: Data, tensors: Record<string, Handle>) {
    const sample = needsStatistics(plan) ? Math.min(statisticsLimit, data.train.n) : 0;
    const statistics = {
      values: typed(data.train.inputs.subarray(0, sample * data.train.inputSize), plan.precision),
      shape: [sample, data.train.inputSize],
    };
    const all: Record<string, Handle> = sample > 0 ? { ...tensors, ...(await upload({ statistics })) } : tensors;
    const evaluation = await runtime.compile(evaluationProgram(plan, set.n, sample));
    const count = Math.min(set.n, trainRowsLimit);
    const walk = evaluationRows(plan, name === 'train' ? count : set.n);
    return async () => {
      const { records } = await evaluation.run({ state: {}, held: only({ ...all, ...weights() }, evaluation.program.held), ...walk });
      const { loss, accuracy } = finishEvaluation(records.sums!, name === 'train' ? count : set.n, plan.data.targets === 'labels');
      return [
        { metric: `${name}Loss`, values: Float64Array.of(loss) },
        ...(accuracy === null ? [] : [{ metric: `${name}Accuracy`, values: Float64Array.of(accuracy) }]),
      ];
    };
  }

  async function call(first: number, steps: number): Promise<Values> {
    const result = await executable.run({ state, held: only(held, program.held), rows: only(rows(first, steps), program.rows), steps });
    state = result.state;
    return result.records.record!;
  }

  return {
    async run(first, steps) {
      if (!solver) return call(first, steps);
      const parts: Values[] = [];
      for (let at = first; at < first + steps;) {
        if (at % solver.every === 0) Object.assign(held, await solver.solve(rows(at, 1).batch as Int32Array, { ...held, ...weights() }));
        const until = Math.min(first + steps, at + solver.every - (at % solver.every));
        parts.push(await call(at, until - at));
        at = until;
      }
      return parts.length === 1 ? parts[0]! : joined(parts, plan.precision);
    },
    async evaluate() {
      const rows = [];
      for (const evaluate of evaluators) rows.push(...(await evaluate()));
      return rows;
    },
    instruments: await openInstruments(runtime, run, upload),
    curvature: plan.spec.curvature.enabled ? await openInstrument(runtime, plan, data.train, upload) : null,
    weights,
    async copyWeights() {
      const copies: Record<string, Handle> = {};
      for (const [name, handle] of Object.entries(weights())) copies[name] = await runtime.upload(await runtime.read(handle), handle.shape);
      return copies;
    },
    release: (copies) => Object.values(copies).forEach((handle) => runtime.release(handle)),
    async snapshot() {
      const values: Record<string, Values> = {};
      for (const [name, handle] of Object.entries(state)) values[name] = await runtime.read(handle);
      for (const [name, kept] of Object.entries(solver?.kept() ?? {})) values[solverPrefix + name] = kept;
      return values;
    },
  };
}

function joined(parts: readonly Values[], precision: RunPlan['precision']): Values {
  const all = typed(new Float64Array(parts.reduce((sum, { length }) => sum + length, 0)), precision);
  parts.reduce((offset, part) => (all.set(part, offset), offset + part.length), 0);
  return all;
}

/** The curvature instrument on a fixed batch of the training set. */
async function openInstrument(
  runtime: Runtime,
  plan: RunPlan,
  { inputs, labels, values, inputSize, outputSize, n }: Data,
  upload: (tensors: Readonly<Record<string, Tensor>>) => Promise<Record<string, Handle>>,
): Promise<CurvatureInstrument> {
  const { seed, curvature } = plan.spec;
  const batch = curvatureRows(plan, n);
  const cut = (source: Float32Array | Float64Array, width: number): Tensor => {
    const rows = new Float64Array(batch.length * width);
    batch.forEach((row, i) => rows.set(source.subarray(row * width, (row + 1) * width), i * width));
    return { values: typed(rows, plan.precision), shape: [batch.length, width] };
  };
  const held = await upload({
    curvatureInputs: cut(inputs, inputSize),
    curvatureTargets: labels ? { values: batch.map((row) => labels[row]!), shape: [batch.length] } : cut(values!, outputSize),
  });
  return openCurvature(runtime, {
    objective: curvatureObjective(plan, batch.length),
    held,
    seed,
    topK: curvature.topK,
    instruments: curvature,
    kernels: {
      inputs: plan.stacks.filter(({ role }) => role === 'weight').map(({ name }) => name),
      scaleInvariant: plan.network.layers.map(({ scaleInvariant }) => scaleInvariant !== false),
    },
    balanced: curvature.every === 'auto',
  });
}
