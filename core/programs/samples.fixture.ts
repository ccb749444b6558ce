/** @file For the tests: the metrics of a probe batch, and beside them one sample at a time through passes and gradients of its own. */
import { entry } from '../catalog.ts';
import { createBuilder } from '../graph/builder.ts';
import { gradient } from '../graph/differentiate.ts';
import { evaluate, planEvaluation } from '../graph/evaluate.ts';
import { rng } from '../rng.ts';
import type { Spec } from '../spec.ts';
import { needsStatistics } from './evaluation.ts';
import { dataShape, forwardPass, initialWeights, meanLoss, planRun, stackInputs, targetInput } from './plan.ts';
import { probeRows, samplesProgram } from './samples.ts';
import { samplesMoment } from './samplesMoment.ts';
import { dot, norm } from './steps.fixture.ts';
import { hostMetrics, parameterValues } from './weights.ts';

export type Weights = ReadonlyMap<string, Float64Array>;

export function open(spec: Spec) {
  const { train } = entry('dataset', spec.dataset.kind).generate!(rng(spec.seed, 'data'), spec.dataset);
  const plan = planRun(spec, dataShape(train));
  const initial = initialWeights(plan);
  const random = rng(5, 'test');
  const now = new Map([...initial].map(([name, values]) => [name, values.map((value) => value + 0.1 * random.normal())]));
  const rows = probeRows(plan, train.n);
  const pick = (from: ArrayLike<number>, width: number, wanted: ArrayLike<number>) =>
    Float64Array.from(Array.from(wanted).flatMap((row) => Array.from({ length: width }, (_, j) => from[row * width + j]!)));
  const statistics = needsStatistics(plan) ? 10 : 0;
  const leading = pick(
    train.inputs,
    train.inputSize,
    Array.from({ length: statistics }, (_, i) => i),
  );
  return { plan, train, initial, now, rows, pick, statistics, leading };
}
export type Opened = ReturnType<typeof open>;

export function measured({ plan, train, initial, rows, pick, statistics, leading }: Opened, now: Weights) {
  const compiled = samplesProgram(plan, rows.length, statistics, 'loss');
  const inputs = pick(train.inputs, train.inputSize, rows);
  const feeds = {
    ...Object.fromEntries(now),
    probeInputs: inputs,
    statistics: leading,
    probeTargets: train.labels ? rows.map((row) => train.labels![row]!) : pick(train.values!, train.outputSize, rows),
  };
  const [record] = evaluate(planEvaluation([compiled.program.records[0]!.value]), feeds);
  const batch = { samples: rows.length, positions: 1, size: train.inputSize, values: inputs };
  const moment = samplesMoment(plan, compiled, {
    record: record!,
    inputs: batch,
    now,
    initial,
    ...(train.teacher ? { teacher: train.teacher } : {}),
  });
  return { moment, metrics: Object.fromEntries(hostMetrics('samples', plan).map(({ card, samples }) => [card.name, samples!(moment)])) };
}

/** One sample alone (behind the statistics rows): what it leaves at each layer, and its loss's gradient by every parameter. */
export function alone({ plan, train, pick, statistics, leading }: Opened, now: Weights, row: number) {
  const g = createBuilder('float64');
  const stacks = stackInputs(g, plan);
  const inputs = stacks.map(({ input }) => input);
  const before = statistics > 0 ? [g.input('leading', [statistics, plan.data.inputs])] : [];
  const x = g.concat([...before, g.input('x', [1, plan.data.inputs])], 0);
  const pass = forwardPass(g, plan, inputs, x, statistics);
  const y = targetInput(g, 'y', plan, 1);
  const outputs = g.slice(pass.outputs, 0, statistics, statistics + 1);
  const gradients = gradient(g, meanLoss(g, plan, outputs, y), inputs);
  const taps = pass.taps.flatMap(({ preActivation, activation }) => [preActivation, activation]);
  const feeds = {
    ...Object.fromEntries(now),
    leading,
    x: pick(train.inputs, train.inputSize, [row]),
    y: Int32Array.of(train.labels![row]!),
  };
  const values = evaluate(planEvaluation([...gradients, ...taps]), feeds) as Float64Array[];
  const of = parameterValues(plan, new Map(plan.stacks.map(({ name }, i) => [name, values[i]!])));
  const last = (tap: Float64Array) => Array.from(tap.subarray((tap.length / (statistics + 1)) * statistics));
  const left = values.slice(gradients.length);
  return {
    /** Kernel and bias of a layer. */
    gradient: (layer: number) =>
      plan.network.parameters.filter((p) => p.layer === layer && (p.role === 'weight' || p.role === 'bias')).flatMap((p) => [...of(p)]),
    kernelGradient: (layer: number) => Array.from(of(plan.network.parameters.find((p) => p.layer === layer && p.role === 'weight')!)),
    preActivation: (layer: number) => last(left[2 * layer]!),
    activation: (layer: number) => last(left[2 * layer + 1]!),
  };
}

export const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
export const middle = (values: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
};
export const cosine = (a: readonly number[], b: readonly number[]) => dot(a, b) / (norm(a) * norm(b));
export const pairs = <T>(list: readonly T[]) => list.flatMap((a, i) => list.slice(0, i).map((b) => [a, b] as const));
