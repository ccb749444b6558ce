/**
 * @file Trains one run from its first step, or its checkpoint, to its end; says everything it learns to a sink.
 *
 * At each turn of the loop the weights are those before update `step`. What is due there happens first, in this order: checkpoint,
 * evaluation, curvature. Then K steps run in one call of the runtime. K adapts to about `callMs` and never crosses a step at which
 * something is due, so that what is recorded does not depend on the machine's speed.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { catalog } from '#core/catalog.ts';
import { hostInstruments } from '#core/metrics/moments.ts';
import type { Handle, Runtime } from '#core/graph/program.ts';
import { sizeOf } from '#core/graph/node.ts';
import { curvatureMetrics } from '#core/programs/curvature.ts';
import { finishRow } from '#core/programs/record.ts';
import type { Desired, RunFacts } from '#core/protocol.ts';
import { hashSpec, type Spec } from '#core/spec.ts';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from './checkpoint.ts';
import { createCurvatureSchedule } from './curvatureSchedule.ts';
import type { Instrument } from './instruments.ts';
import { openSession, prepareRun, type DataSets, type PreparedRun } from './session.ts';

export interface Sink {
  append(metric: string, step: number, row: ArrayLike<number>): void;
  log(level: 'info' | 'warn' | 'error', text: string): void;
  facts(facts: RunFacts): void;
  progress(step: number): void;
  checkpoint(step: number, bytes: Uint8Array): void | Promise<void>;
}
export interface Choice {
  readonly runtime: Runtime;
  readonly table: NonNullable<RunFacts['runtimeTable']>;
}
export interface Training {
  readonly spec: Spec;
  readonly data: DataSets;
  /** Opens the runtime the spec asks for; with `auto` it may time the prepared run first. */
  readonly choose: (run: PreparedRun) => Promise<Choice>;
  readonly sink: Sink;
  readonly control: { desired(): Desired };
  /** Bytes of a checkpoint of this spec. */
  readonly resume?: Uint8Array | null;
}
export interface Outcome {
  readonly status: 'finished' | 'diverged' | 'paused' | 'stopped';
  readonly reason: string;
  readonly step: number;
}

// 100 ms: the page gets 10 updates a second, and a call's fixed cost (under 1 ms) does not count
const callMs = 100;
/** More than a recorder waits before it sends what it has. */
const firstRowMs = 150;
/** Values of one call's records at most: 16 MB. */
const recordValues = 4 * 1024 * 1024;

export async function train({ spec, data, choose, sink, control, resume }: Training): Promise<Outcome> {
  const hash = await hashSpec(spec);
  const checkpoint = resume ? decodeCheckpoint(resume, hash) : null;
  const run = prepareRun(spec, data, checkpoint?.tensors);
  const { runtime, table } = await choose(run);
  try {
    return await trainOn(runtime, run, { hash, checkpoint, table, sink, control });
  } finally {
    await runtime.close();
  }
}

type Weights = Readonly<Record<string, Handle>>;

interface Conduct extends Pick<Training, 'sink' | 'control'> {
  readonly hash: string;
  readonly checkpoint: Checkpoint | null;
  readonly table: Choice['table'];
}

async function trainOn(runtime: Runtime, run: PreparedRun, { hash, checkpoint, table, sink, control }: Conduct): Promise<Outcome> {
  const { spec } = run.plan;
  sink.log('info', `compiling for ${runtime.name} ${runtime.version} on ${runtime.device}: ${run.plan.network.layers.length} layers`);
  const session = await openSession(runtime, run);
  const { curvature } = session;
  const keepers = [
    ...(curvature ? [{ prefix: 'curvature/', of: curvature }] : []),
    ...session.instruments.map((of) => ({ prefix: `${of.name}/`, of })),
  ];
  if (checkpoint) for (const { prefix, of } of keepers) of.restore(withoutPrefix(checkpoint.tensors, prefix));
  sink.facts({ ...factsOf(run, session.instruments, runtime), runtimeTable: table });

  const { metrics } = run.training;
  const recordWidth = sizeOf(run.training.program.records[0]!.value.shape);
  const rowWidth = recordWidth + run.training.random.reduce((sum, { input }) => sum + sizeOf(input.shape), 0);
  const schedule = createCurvatureSchedule(spec.curvature, spec.steps);
  const finals: Record<string, number | string> = {};
  const append = (metric: string, step: number, row: Float64Array) => {
    sink.append(metric, step, row);
    if (row.length === 1 || catalog.metric[metric]?.axes[0] === 'eigenvalue')
      finals[metric] = Number.isFinite(row[0]) ? row[0]! : String(row[0]);
  };
  const end = (status: Outcome['status'], reason: string, at: number): Outcome => {
    sink.facts({ finals, curvatureShare: schedule.share() });
    sink.progress(at);
    return { status, reason, step: at };
  };
  const save = async (at: number) => {
    const kept = keepers.flatMap(({ prefix, of }) => Object.entries(of.state()).map(([name, values]) => [prefix + name, values] as const));
    const tensors = { ...(await session.snapshot()), ...Object.fromEntries(kept) };
    await sink.checkpoint(at, encodeCheckpoint({ spec: hash, step: at, tensors }));
  };

  let step = checkpoint?.step ?? 0;
  let callSteps = 1;
  /** Weights that are to be measured, by whom, once the step from there is known. */
  let measuredAt: Weights | null = null;
  let due: { curvature: boolean; instruments: readonly Instrument[] } = { curvature: false, instruments: [] };
  const start = { step, at: performance.now() };
  async function measureCurvature(at: number, weights: Weights, after: Weights | null): Promise<void> {
    const [before, opening] = [performance.now(), curvature!.opening()];
    for (const { metric, values } of await curvature!.measure(at, weights)) append(metric, at, values);
    if (after) for (const { metric, values } of await curvature!.along(weights, after)) append(metric, at, values);
    schedule.measured(performance.now() - before, curvature!.opening() - opening);
  }
  async function measureOnHost(at: number, weights: Weights): Promise<void> {
    for (const { schedule, measure, opening } of due.instruments) {
      const [before, opened] = [performance.now(), opening()];
      for (const { metric, values } of await measure(weights)) append(metric, at, values);
      schedule.measured(performance.now() - before, opening() - opened);
    }
  }
  async function takeMeasure(at: number): Promise<void> {
    if (at === start.step) await setTimeout(firstRowMs); // compiling holds up everything: the first row goes out before
    if (due.curvature) await measureCurvature(at, measuredAt!, session.weights());
    await measureOnHost(at, measuredAt!);
    session.release(measuredAt!);
    measuredAt = null;
  }
  const trouble = createTrouble(run);
  for (;;) {
    await setImmediate(); // lets messages in: what people want of the run
    const desired = control.desired();
    if (desired === 'stop') return end('stopped', `stopped at step ${step}`, step);
    if (desired === 'pause') {
      await save(step);
      return end('paused', `paused at step ${step}`, step);
    }
    if (step > start.step && step < spec.steps && step % spec.checkpointEvery === 0) await save(step);
    if (step % spec.metrics.evaluationEvery === 0 || step === spec.steps)
      for (const { metric, values } of await session.evaluate()) append(metric, step, values);
    due = { curvature: curvature !== null && schedule.due(step), instruments: session.instruments.filter((one) => one.schedule.due(step)) };
    if (step === spec.steps) {
      if (due.curvature) await measureCurvature(step, session.weights(), null);
      await measureOnHost(step, session.weights());
    } else if (due.curvature || due.instruments.length > 0) measuredAt = await session.copyWeights(); // its row need not wait
    if (step === spec.steps) return end('finished', `all ${step} steps done`, step);

    const steps = measuredAt ? 1 : Math.min(callSteps, untilNext(spec, step));
    const before = performance.now();
    const records = await session.run(step, steps);
    const ms = performance.now() - before;
    for (const { trained } of [schedule, ...session.instruments.map((instrument) => instrument.schedule)]) trained(ms);
    for (let k = 0; k < steps; k++) {
      const loss = records[k * recordWidth]!; // the first value of every record
      if ((step + k) % spec.metrics.every === 0 || !Number.isFinite(loss)) {
        const rows = metrics.map((metric) => ({ metric, row: finishRow(metric, records, k, recordWidth) }));
        trouble.look(step + k, rows);
        for (const { metric, row } of rows) append(metric.name, step + k, row);
      }
      if (!Number.isFinite(loss) && measuredAt) await takeMeasure(step);
      if (!Number.isFinite(loss)) return end('diverged', `the loss is ${loss} at step ${step + k}${trouble.found()}`, step + k);
    }
    if (measuredAt) await takeMeasure(step);
    step += steps;
    callSteps = nextCallSteps(steps, callSteps, ms, Math.floor(recordValues / rowWidth));
    sink.facts({ stepsPerSecond: ((step - start.step) * 1000) / (performance.now() - start.at), curvatureShare: schedule.share() });
    sink.progress(step);
  }
}

/** Steps until something is due: a checkpoint, an evaluation, a pinned measurement, the end. */
function untilNext({ steps, checkpointEvery, metrics, curvature }: Spec, step: number): number {
  const measurements = [...(curvature.enabled ? [curvature.every] : []), ...hostInstruments.map((name) => metrics[name])];
  const periods = [checkpointEvery, metrics.evaluationEvery, ...measurements.filter((every) => typeof every === 'number')];
  return Math.min(steps - step, ...periods.map((every) => every - (step % every)));
}

/** The next call's length: towards `callMs`, at most four times as long as the last; a call that was cut short says too little to grow by. */
function nextCallSteps(ran: number, wanted: number, ms: number, most: number): number {
  const fitting = Math.max(1, Math.round((ran * callMs) / Math.max(ms, 0.01)));
  return Math.max(1, Math.min(fitting, ran < wanted ? wanted : 4 * ran, most));
}

/** Watches for the first value that is not finite: where a divergence began. */
function createTrouble({ plan }: PreparedRun) {
  const watched = ['activationNorm', 'gradNorm', 'weightNorm'];
  let text = '';
  return {
    look(step: number, rows: readonly { metric: { name: string }; row: Float64Array }[]): void {
      if (text) return;
      for (const { metric, row } of rows) {
        const layer = watched.includes(metric.name) ? row.findIndex((value) => !Number.isFinite(value)) : -1;
        if (layer >= 0) text = `; first not finite: ${metric.name} of ${plan.network.layers[layer]!.name} at step ${step}, ${row[layer]}`;
        if (text) return;
      }
    },
    found: () => text,
  };
}

function factsOf({ plan, training, data }: PreparedRun, instruments: readonly Instrument[], runtime: Runtime): RunFacts {
  const { spec, network, parameterCount } = plan;
  const { layers } = network;
  const { enabled, batchSize } = spec.curvature;
  const evaluated = Object.values(catalog.metric).filter(
    ({ card: { name }, procedure }) => procedure === 'evaluation' && (plan.data.targets === 'labels' || !name.endsWith('Accuracy')),
  );
  return {
    runtime: runtime.name,
    runtimeVersion: runtime.version,
    device: runtime.device,
    precision: plan.precision,
    layers: layers.map(({ name, kind, scaleInvariant }) => ({ name, kind, scaleInvariant: scaleInvariant !== false })),
    metrics: [
      ...training.metrics.map(({ name, axes, width }) => ({ name, axes, width })),
      ...evaluated.map(({ card, axes }) => ({ name: card.name, axes, width: 1 })),
      ...(enabled ? curvatureMetrics(plan) : []),
      ...instruments.flatMap(({ metrics }) => metrics.map(({ name, axes, width }) => ({ name, axes, width }))),
    ],
    parameters: parameterCount,
    ...(enabled ? { curvatureBatch: Math.min(batchSize, data.train.n) } : {}),
  };
}

function withoutPrefix(tensors: Readonly<Record<string, ArrayLike<number>>>, prefix: string): Record<string, Float64Array> {
  const found = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, values]) => [name.slice(prefix.length), Float64Array.from(values)]));
}
