/** @file Metrics of the host instruments at the given weights: the question's inputs are the probe batch. */
import { entry } from '#core/catalog.ts';
import { singularValues } from '#core/curvature/singular.ts';
import type { Metric } from '#core/define.ts';
import { sizeOf, type Values } from '#core/graph/node.ts';
import type { Program, Runtime } from '#core/graph/program.ts';
import { centredTargets, gramMoment, kernelsOf, outputSeeds } from '#core/programs/gram.ts';
import { typed, type RunPlan } from '#core/programs/plan.ts';
import { samplesProgram } from '#core/programs/samples.ts';
import { samplesMoment } from '#core/programs/samplesMoment.ts';
import { weightsMoment } from '#core/programs/weights.ts';
import type { Session } from './answer.ts';
import { planOf, weightLayers } from './plan.ts';
import { refuse } from './refusal.ts';

/** Kernels are B x B, and their eigenvalues cost B³. */
const maxExamples = 2_000;
/** Values of one pass: the inputs of every layer, as patches for convolutions. */
const maxValues = 100_000_000;

type Feeds = ReadonlyMap<string, Values>;
type Measured = Record<string, Float64Array>;

/** Values of each metric; those that look back at step 0 are NaN where nobody knows it. */
export async function hostMetrics(session: Session, names: readonly string[]): Promise<Measured> {
  const plan = planOf(session);
  const chosen = (kind: 'weights' | 'samples' | 'gram') => names.map((name) => entry('metric', name)).filter((metric) => metric[kind]);
  return {
    ...(await ofWeights(session, plan, chosen('weights'))),
    ...(await ofSamples(session, plan, chosen('samples'))),
    ...(await ofGram(session, plan, chosen('gram'))),
  };
}

const weightsOf = ({ subject }: Session): Feeds => new Map(subject.parameters.map(({ data }, i) => [`parameter${i}`, data]));
const initialOf = ({ subject }: Session): Feeds =>
  new Map(subject.parameters.map(({ data }, i) => [`parameter${i}`, subject.initial?.[i] ?? data]));

const each = (metrics: readonly Metric[], of: (metric: Metric) => Float64Array): Measured =>
  Object.fromEntries(metrics.map((metric) => [metric.card.name, of(metric)]));

async function ofWeights(session: Session, plan: RunPlan, metrics: readonly Metric[]): Promise<Measured> {
  if (metrics.length === 0) return {};
  const moment = weightsMoment(plan, weightsOf(session), initialOf(session));
  const { gradient } = metrics.some(({ since }) => since === 'snapshot')
    ? await session.value()
    : { gradient: new Float64Array(session.size) };
  const { request, offsets, subject } = session;
  /** One step of gradient descent is all that has happened since. */
  const layers = moment.layers.map((layer, l) => {
    const { kernel } = weightLayers(session)[l]!;
    const values = gradient.slice(offsets[kernel], offsets[kernel]! + layer.kernel.values.length);
    const size = subject.frozen[kernel] ? 0 : request.learningRate;
    return { ...layer, updateSingularValues: () => singularValues({ ...layer.kernel, values: values.map((slope) => size * slope) }) };
  });
  return each(metrics, ({ weights }) => weights!({ ...moment, layers }));
}

/** The batch goes in front of itself where batch normalization wants its statistics. */
function probe(session: Session, plan: RunPlan): { samples: number; statistics: number; feeds: Feeds } {
  const { inputs, targets, mixing } = session.subject;
  const samples = inputs.shape[0]!;
  return {
    samples,
    statistics: mixing ? samples : 0,
    feeds: new Map<string, Values>([
      ['probeInputs', inputs.data],
      ['statistics', inputs.data],
      ['probeTargets', targets.dtype === 'int32' ? targets.data : typed(targets.data, plan.precision)],
    ]),
  };
}

async function ofSamples(session: Session, plan: RunPlan, metrics: readonly Metric[]): Promise<Measured> {
  if (metrics.length === 0) return {};
  const { samples, statistics, feeds } = probe(session, plan);
  checkSize(metrics, samples);
  const compiled = samplesProgram(plan, samples, statistics, 'loss');
  const record = await recordOf(session, metrics, compiled.program, new Map([...feeds, ...weightsOf(session)]));
  const inputs = { samples, positions: 1, size: plan.data.inputs, values: session.subject.inputs.data };
  const moment = samplesMoment(plan, compiled, { record, inputs, now: weightsOf(session), initial: initialOf(session) });
  return each(metrics, (metric) => metric.samples!(moment));
}

async function ofGram(session: Session, plan: RunPlan, metrics: readonly Metric[]): Promise<Measured> {
  if (metrics.length === 0) return {};
  const { samples, statistics, feeds } = probe(session, plan);
  checkSize(metrics, samples);
  const [forward, back] = [samplesProgram(plan, samples, statistics, 'loss'), samplesProgram(plan, samples, statistics, 'outputs')];
  const seeds = { seed: typed(outputSeeds(plan), plan.precision) };
  const kernels = async (weights: Feeds) => {
    const all = new Map([...feeds, ...weights]);
    return kernelsOf(
      plan,
      { compiled: forward, record: await recordOf(session, metrics, forward.program, all) },
      { compiled: back, record: await recordOf(session, metrics, back.program, all, seeds, plan.data.outputs) },
    );
  };
  const now = await kernels(weightsOf(session));
  const start = session.subject.initial ? await kernels(initialOf(session)) : now;
  const { targets } = session.subject;
  const rows = Int32Array.from({ length: samples }, (_, i) => i);
  const own = targets.data instanceof Int32Array ? { labels: targets.data } : { values: targets.data };
  const data = { inputs: new Float64Array(0), n: samples, inputSize: plan.data.inputs, outputSize: plan.data.outputs, ...own };
  const moment = gramMoment(plan, now, start, centredTargets(data, rows), weightsOf(session));
  return each(metrics, (metric) => metric.gram!(moment));
}

function checkSize(metrics: readonly Metric[], samples: number): void {
  if (samples > maxExamples)
    refuse('inputs', `must hold at most ${maxExamples} examples for ${metrics[0]!.card.name}, whose kernels are B x B, got ${samples}`);
}

/** The record of one call, on the session's runtime. */
async function recordOf(
  { machine: { runtime } }: Session,
  metrics: readonly Metric[],
  program: Program,
  feeds: Feeds,
  rows: Record<string, Values> = {},
  steps = 1,
): Promise<Values> {
  const size = sizeOf(program.records[0]!.value.shape) * steps;
  if (size > maxValues)
    refuse('inputs', `must leave at most ${maxValues} values in all layers for ${metrics[0]!.card.name}, got ${size}; give fewer examples`);
  return evaluateOnce(runtime, program, feeds, rows, steps);
}

/** The record of a program that is run once. */
export async function evaluateOnce(
  runtime: Runtime,
  program: Program,
  feeds: Feeds,
  rows: Record<string, Values> = {},
  steps = 1,
): Promise<Values> {
  const executable = await runtime.compile(program);
  const handles = await Promise.all(
    program.held.map(async ({ name, input }) => [name, await runtime.upload(typed(feeds.get(name)!, input.dtype), input.shape)] as const),
  );
  try {
    return (await executable.run({ state: {}, held: Object.fromEntries(handles), rows, steps })).records.record!;
  } finally {
    handles.forEach(([, handle]) => runtime.release(handle));
    await executable.close();
  }
}
