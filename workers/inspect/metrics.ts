/** @file Metrics of the catalog at the given weights: by-products of one step of gradient descent, losses, curvature, and the host instruments. */
import { entry } from '#core/catalog.ts';
import type { Axis } from '#core/define.ts';
import { gradient } from '#core/graph/differentiate.ts';
import type { Node } from '#core/graph/node.ts';
import { valueProgram } from '#core/inspect/objective.ts';
import { stepMoment } from '#core/programs/moment.ts';
import { hits } from '#core/programs/plan.ts';
import { finishRow, recordOf } from '#core/programs/record.ts';
import type { Session } from './answer.ts';
import { curvatureMetric, isCurvatureMetric } from './curvatureMetrics.ts';
import { heldOutMetrics } from './heldOut.ts';
import { hostMetrics } from './hostMetrics.ts';
import { planOf, weightLayers } from './plan.ts';
import { InspectRefusal } from './refusal.ts';

/**
 * Each metric under its name: a number, a list over layers (bottom first), eigenvalues or bins, or a list of lists over layers and what stands
 * after them; null where this network has no such quantity, and under `absent` why.
 *
 * @throws InspectRefusal where the question does not hold what a metric needs
 */
export async function answerMetrics(session: Session, names: readonly string[]): Promise<Record<string, unknown>> {
  checkNeeds(session, names);
  const metrics = names.map((name) => entry('metric', name));
  const plan = planOf(session);
  const present = new Set(metrics.filter(({ applies }) => applies?.(plan) ?? true).map(({ card }) => card.name));
  const chosen = (of: (metric: (typeof metrics)[number]) => unknown) =>
    metrics.filter((metric) => present.has(metric.card.name) && of(metric)).map(({ card }) => card.name);
  const host = await hostMetrics(
    session,
    chosen(({ weights, samples, gram }) => weights ?? samples ?? gram),
  );
  const heldOut = await heldOutMetrics(session, names);
  const steps = chosen(({ step }) => step);
  const trainAccuracy = names.includes('trainAccuracy');
  const stepped = steps.length > 0 || trainAccuracy ? await stepMetrics(session, [...new Set([...steps, 'loss', 'accuracy'])]) : {};
  const answer: Record<string, unknown> = {};
  for (const { card, axes } of metrics) {
    const { name } = card;
    const values = host[name];
    if (!present.has(name)) answer[name] = null;
    else if (values) answer[name] = shaped(values, axes, plan.network.layers.length);
    else if (isCurvatureMetric(name)) answer[name] = await curvatureMetric(session, name);
    else if (name === 'trainLoss') answer[name] = (await session.value()).loss;
    else if (name === 'trainAccuracy') answer[name] = stepped.accuracy;
    else answer[name] = heldOut[name] ?? stepped[name] ?? null;
  }
  const missing = metrics.filter(({ card }) => answer[card.name] === null);
  const reasons = missing.map(({ card, absent }) => [card.name, absent ?? 'this network has no such quantity'] as const);
  return reasons.length > 0 ? { ...answer, absent: Object.fromEntries(reasons) } : answer;
}

/** A number, a list, or a list for each layer without what fills up the shorter ones. */
function shaped(values: Float64Array, axes: readonly Axis[], layers: number): number | number[] | number[][] {
  if (axes.length === 0) return values[0]!;
  if (axes.length === 1) return [...values];
  const width = values.length / layers;
  const rows = Array.from({ length: layers }, (_, layer) => [...values.subarray(layer * width, (layer + 1) * width)]);
  return rows.map((row) => row.slice(0, 1 + row.findLastIndex((value) => !Number.isNaN(value))));
}

/** Fields that some metrics cannot do without. */
function checkNeeds({ subject }: Session, names: readonly string[]): void {
  const since = subject.initial ? undefined : names.find((name) => entry('metric', name).since === 'initial');
  const heldOut = subject.heldOut ? undefined : names.find((name) => name.startsWith('heldOut'));
  const faults = [
    ...(subject.kinds.length === 0
      ? [{ path: 'layers', message: 'must hold a dense or conv2d layer for metrics of layers, got none' }]
      : []),
    ...(since ? [{ path: 'initial', message: `must be the weights at step 0 for ${since}, written as params; got nothing` }] : []),
    ...(heldOut ? [{ path: 'held_out', message: `must be { inputs, targets } that were held out for ${heldOut}, got nothing` }] : []),
  ];
  if (faults.length > 0) throw new InspectRefusal(faults);
}

async function stepMetrics(session: Session, names: readonly string[]): Promise<Record<string, number | number[] | null>> {
  const { objective, machine, request } = session;
  const { g } = objective;
  const layers = weightLayers(session);
  const plan = planOf(session);
  /** Kernels and other parameters as stacks of one member; images' kernels as matrices. */
  const stacked = (nodes: readonly Node[]) => plan.stacks.map(({ shape }, i) => g.reshape(nodes[i]!, shape));
  const wrt = objective.parameters.map(({ input }) => input);
  const slopes = gradient(g, objective.loss, wrt).map((slope, i) => (session.subject.frozen[i] ? g.constant(0, slope.shape) : slope)); // as in a run
  const learningRate = g.constant(request.learningRate);
  const flat = (x: Node) => g.reshape(x, [-1, x.shape.at(-1)!]);
  const moment = stepMoment(g, plan, {
    loss: objective.loss,
    hits: objective.outputs.shape.length === 2 ? hits(g, objective.outputs, objective.targets) : null,
    weights: stacked(wrt),
    gradients: stacked(slopes),
    changes: stacked(slopes.map((slope) => g.mul(slope, -request.learningRate))),
    taps: layers.map(({ tap }) => {
      const { preActivation, activation } = objective.taps[tap]!;
      return { preActivation: flat(preActivation), activation: flat(activation) };
    }),
    learningRate,
  });
  const { record, metrics } = recordOf(g, names, moment, layers.length);
  const { record: values } = await machine.run(valueProgram(objective, [{ name: 'record', value: record }]));
  const finished = metrics.map((metric) => {
    const row = finishRow(metric, values!, 0, values!.length);
    return [metric.name, metric.axes.length === 0 ? row[0]! : [...row]] as const;
  });
  return { ...Object.fromEntries(names.map((name) => [name, null])), ...Object.fromEntries(finished) };
}
