/** @file The host instruments of a run: each reads what it needs from the runtime and makes its metrics in float64. */
import type { Axis, Data } from '#core/define.ts';
import type { Values } from '#core/graph/node.ts';
import type { Handle, Program, Runtime } from '#core/graph/program.ts';
import { hostInstruments, spectrumWidth, type HostInstrument } from '#core/metrics/moments.ts';
import { needsStatistics, statisticsLimit } from '#core/programs/evaluation.ts';
import { centredTargets, gramMoment, kernelsOf, outputSeeds, type Kernels } from '#core/programs/gram.ts';
import { typed, type RunPlan } from '#core/programs/plan.ts';
import { probeRows, samplesProgram } from '#core/programs/samples.ts';
import { samplesMoment } from '#core/programs/samplesMoment.ts';
import { hostMetrics, weightsMoment } from '#core/programs/weights.ts';
import { matrixShape } from '#core/solver.ts';
import { createCurvatureSchedule, type CurvatureSchedule } from './curvatureSchedule.ts';
import type { PreparedRun, Tensor } from './session.ts';

type Handles = Readonly<Record<string, Handle>>;
type Rows = { metric: string; values: Float64Array }[];
type Upload = (tensors: Readonly<Record<string, Tensor>>) => Promise<Record<string, Handle>>;

export interface Instrument {
  readonly name: HostInstrument;
  readonly schedule: CurvatureSchedule;
  readonly metrics: readonly { readonly name: string; readonly axes: readonly Axis[]; readonly width: number }[];
  /** Rows of its metrics at these weights. */
  measure(weights: Handles): Promise<Rows>;
  /** Milliseconds that went into compiling so far. */
  opening(): number;
  /** What the next measurement looks back at, for the checkpoint. */
  state(): Readonly<Record<string, Float64Array>>;
  restore(state: Readonly<Record<string, Float64Array>>): void;
}
type Opened = Pick<Instrument, 'measure' | 'opening' | 'state' | 'restore'>;

/** What an instrument is built with. */
interface Workshop {
  readonly runtime: Runtime;
  readonly run: PreparedRun;
  readonly upload: Upload;
}

const openers: Readonly<Record<HostInstrument, (workshop: Workshop) => Opened>> = {
  weights: openWeights,
  samples: openSamples,
  gram: openGram,
};

export async function openInstruments(runtime: Runtime, run: PreparedRun, upload: Upload): Promise<Instrument[]> {
  const { plan } = run;
  const { metrics: wanted } = plan.spec;
  const samples = Math.min(wanted.probeSize, run.data.train.n);
  const kernels = plan.network.parameters.filter(({ role }) => role === 'weight').map(({ shape }) => matrixShape(shape));
  const widths: Partial<Record<Axis, number>> = {
    layer: plan.network.layers.length,
    eigenvalue: samples,
    singularValue: spectrumWidth(kernels.map((sides) => Math.min(...sides))),
  };
  const opened: Instrument[] = [];
  for (const name of hostInstruments) {
    const every = wanted[name];
    const metrics = hostMetrics(name, plan);
    if (every === 'never' || metrics.length === 0) continue;
    opened.push({
      name,
      schedule: createCurvatureSchedule({ share: wanted.share, every }, plan.spec.steps),
      metrics: metrics.map(({ card, axes }) => ({
        name: card.name,
        axes,
        width: axes.reduce((product, axis) => product * widths[axis]!, 1),
      })),
      ...openers[name]({ runtime, run, upload }),
    });
  }
  return opened;
}

/** Compiled when it measures for the first time; it looks back at nothing. */
function lazily<T>(open: () => Promise<T>, measure: (opened: T, weights: Handles) => Promise<Rows>): Opened {
  let opened: { readonly value: T } | undefined;
  let opening = 0;
  return {
    async measure(weights) {
      const start = performance.now();
      if (!opened) {
        opened = { value: await open() };
        opening = performance.now() - start;
      }
      return measure(opened.value, weights);
    },
    opening: () => opening,
    state: () => ({}),
    restore() {},
  };
}

function openWeights({ runtime, run: { plan, initial } }: Workshop): Opened {
  const metrics = hostMetrics('weights', plan);
  let last: Map<string, Float64Array> | null = null;
  return {
    async measure(weights) {
      const now = await read(runtime, weights);
      const moment = weightsMoment(plan, now, initial, last);
      const rows = metrics.map(({ card, weights: of }) => ({ metric: card.name, values: of!(moment) }));
      last = new Map([...now].map(([name, values]) => [name, Float64Array.from(values)]));
      return rows;
    },
    opening: () => 0,
    state: () => Object.fromEntries(last ?? []),
    restore(state) {
      const names = plan.stacks.map(({ name }) => name);
      last = names.every((name) => state[name]) ? new Map(names.map((name) => [name, state[name]!])) : null;
    },
  };
}

function openSamples({ runtime, run, upload }: Workshop): Opened {
  const { plan, initial } = run;
  const { teacher } = run.data.train;
  const { samples, statistics, tensors } = probeOf(run);
  const program = samplesProgram(plan, samples, statistics, 'loss');
  const metrics = hostMetrics('samples', plan);
  const inputs = { samples, positions: 1, size: plan.data.inputs, values: Float64Array.from(tensors.probeInputs!.values) };
  const open = async () => ({ executable: await runtime.compile(program.program), held: await upload(tensors) });
  return lazily(open, async ({ executable, held }, weights) => {
    const { records } = await executable.run({ state: {}, held: { ...held, ...weights }, rows: {}, steps: 1 });
    const now = await read(runtime, weights);
    const moment = samplesMoment(plan, program, { record: records.record!, inputs, now, initial, ...(teacher ? { teacher } : {}) });
    return metrics.map(({ card, samples: of }) => ({ metric: card.name, values: of!(moment) }));
  });
}

function openGram({ runtime, run, upload }: Workshop): Opened {
  const { plan, initial, data } = run;
  const { samples, statistics, tensors } = probeOf(run);
  const [forward, back] = [samplesProgram(plan, samples, statistics, 'loss'), samplesProgram(plan, samples, statistics, 'outputs')];
  const metrics = hostMetrics('gram', plan);
  const targets = centredTargets(data.train, probeRows(plan, data.train.n));
  const open = async () => {
    const held = await upload(tensors);
    const [down, up] = [await runtime.compile(back.program), await runtime.compile(forward.program)];
    const kernels = async (weights: Handles): Promise<Kernels> => {
      const all = { ...held, ...weights };
      const only = ({ held: names }: Program) => Object.fromEntries(names.map(({ name }) => [name, all[name]!]));
      const seed = typed(outputSeeds(plan), plan.precision);
      const first = await up.run({ state: {}, held: only(forward.program), rows: {}, steps: 1 });
      const second = await down.run({ state: {}, held: only(back.program), rows: { seed }, steps: plan.data.outputs });
      return kernelsOf(plan, { compiled: forward, record: first.records.record! }, { compiled: back, record: second.records.record! });
    };
    const shapes = new Map(plan.stacks.map(({ name, shape }) => [name, shape]));
    const begin = await upload(Object.fromEntries([...initial].map(([name, values]) => [name, { values, shape: shapes.get(name)! }])));
    const start = await kernels(begin);
    Object.values(begin).forEach((handle) => runtime.release(handle));
    return { kernels, start };
  };
  return lazily(open, async ({ kernels, start }, weights) => {
    const moment = gramMoment(plan, await kernels(weights), start, targets, await read(runtime, weights));
    return metrics.map(({ card, gram }) => ({ metric: card.name, values: gram!(moment) }));
  });
}

/** The probe batch, with the rows that batch normalization takes its statistics from. */
function probeOf({ plan, data: { train } }: PreparedRun): { samples: number; statistics: number; tensors: Record<string, Tensor> } {
  const rows = probeRows(plan, train.n);
  const statistics = needsStatistics(plan) ? Math.min(statisticsLimit, train.n) : 0;
  return { samples: rows.length, statistics, tensors: probeTensors(plan, train, rows, statistics) };
}

function probeTensors({ precision }: RunPlan, data: Data, rows: Int32Array, statistics: number): Record<string, Tensor> {
  const { inputs, labels, values, inputSize, outputSize } = data;
  const cut = (source: Float32Array | Float64Array, width: number): Tensor => {
    const picked = new Float64Array(rows.length * width);
    rows.forEach((row, i) => picked.set(source.subarray(row * width, (row + 1) * width), i * width));
    return { values: typed(picked, precision), shape: [rows.length, width] };
  };
  const leading = { values: typed(inputs.subarray(0, statistics * inputSize), precision), shape: [statistics, inputSize] };
  return {
    probeInputs: cut(inputs, inputSize),
    probeTargets: labels ? { values: rows.map((row) => labels[row]!), shape: [rows.length] } : cut(values!, outputSize),
    ...(statistics > 0 ? { statistics: leading } : {}),
  };
}

async function read(runtime: Runtime, weights: Handles): Promise<Map<string, Values>> {
  const values = new Map<string, Values>();
  for (const [name, handle] of Object.entries(weights)) values.set(name, await runtime.read(handle));
  return values;
}
