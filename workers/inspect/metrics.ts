/** @file Metrics of the catalog at the given weights: by-products of one step of gradient descent, losses, and curvature from the exact operator. */
import { entry, defaults } from '#core/catalog.ts';
import type { Layer } from '#core/define.ts';
import { gradient } from '#core/graph/differentiate.ts';
import { sizeOf, type Node } from '#core/graph/node.ts';
import { valueProgram } from '#core/inspect/objective.ts';
import { stepMoment } from '#core/programs/moment.ts';
import { hits, planRun, type RunPlan, type Stack } from '#core/programs/plan.ts';
import { weightsMoment } from '#core/programs/weights.ts';
import { parseSpec } from '#core/spec.ts';
import type { Session } from './answer.ts';
import { refuse } from './refusal.ts';
import { answerEnds, blockOf, denseLimit, denseOf, type Operator } from './spectrum.ts';

/** Metrics that name a matrix and what of it: `hessianTop`, `ggnTrace`, `fisherTopResidual`, `blockBottom`, … */
const named = /^(hessian|ggn|fisher|block)(Top|Bottom|Trace|Frobenius)(Residual|Error)?$/;

async function spectral(session: Session, [, matrix, quantity, error]: RegExpExecArray): Promise<number | number[]> {
  const of = quantity!.toLowerCase();
  const field = error === 'Residual' ? `${of}Residuals` : error ? `${of}Error` : of;
  const wanted = { [of]: of === 'top' || of === 'bottom' ? 5 : true };
  if (matrix !== 'block') return (await endsOf(session[matrix as 'hessian'], wanted))[field] as number | number[];
  const { hessian, subject, offsets } = session;
  if (hessian.size < denseLimit) await denseOf(hessian);
  const found: number[] = [];
  for (const { members } of weightLayers(session)) {
    const indices = members.flatMap((i) => Array.from({ length: subject.parameters[i]!.data.length }, (_, k) => offsets[i]! + k));
    const answer = await endsOf(blockOf(hessian, Int32Array.from(indices)), wanted);
    found.push([answer[field] as number | number[]].flat()[0]!);
  }
  return found;
}

const endsOf = (operator: Operator, wanted: object) => answerEnds(operator, { ...wanted, method: 'auto', seed: 1 }, 'ask');

/** Kernels with what follows them: a normalization's scale and shift belong to the layer in front of it. */
function weightLayers({ subject }: Session) {
  const layers: { name: string; kernel: number; tap: number; members: number[] }[] = [];
  for (const block of subject.blocks)
    if (block.kernel >= 0) layers.push({ ...block, members: [...block.members] });
    else layers.at(-1)?.members.push(...block.members);
  return layers;
}

/** @returns each metric under its name: a number, or a list over layers (bottom first) or eigenvalues; null where there is no such quantity */
export async function answerMetrics(session: Session, names: readonly string[]): Promise<Record<string, unknown>> {
  const answer: Record<string, unknown> = {};
  const steps = names.filter((name) => entry('metric', name).step);
  const stepped = steps.length > 0 ? await stepMetrics(session, [...new Set([...steps, 'loss', 'accuracy'])]) : {};
  const weights = names.filter((name) => entry('metric', name).weights);
  Object.assign(answer, weights.length > 0 ? weightMetrics(session, weights) : {});
  for (const name of names) {
    const spectrum = named.exec(name);
    if (weights.includes(name)) continue;
    if (steps.includes(name)) answer[name] = stepped[name];
    else if (spectrum) answer[name] = await spectral(session, spectrum);
    else if (name === 'trainLoss') answer[name] = (await session.value()).loss;
    else if (name === 'trainAccuracy') answer[name] = (await stepMetrics(session, ['accuracy'])).accuracy;
    else refuse('ask', `${name} needs more than a network at one point (a run, or data held out); ask a run for it`);
  }
  return answer;
}

/** From the weights alone; null where a quantity needs the weights at step 0 and nobody gave them. */
function weightMetrics(session: Session, names: readonly string[]): Record<string, number[] | number | null> {
  const { parameters, initial } = session.subject;
  const plan = planOf(session, weightLayers(session));
  const values = (of: (i: number) => Float64Array) => new Map(parameters.map(({ name }, i) => [name, of(i)]));
  const now = values((i) => parameters[i]!.data);
  const moment = weightsMoment(plan, now, initial ? values((i) => initial[i]!) : now);
  return Object.fromEntries(
    names.map((name) => {
      const { axes, weights, applies } = entry('metric', name);
      if (!(applies?.(plan) ?? true) || (!initial && /^change|nitialDistance$/.test(name))) return [name, null];
      const found = weights!(moment);
      return [name, axes.length === 0 ? found[0]! : [...found]];
    }),
  );
}

async function stepMetrics(session: Session, names: readonly string[]): Promise<Record<string, number | number[] | null>> {
  const { objective, machine, request } = session;
  const { g } = objective;
  const layers = weightLayers(session);
  const plan = planOf(session, layers);
  /** Kernels and other parameters as stacks of one member; images' kernels as matrices. */
  const stacked = (nodes: readonly Node[]) => plan.stacks.map(({ shape }, i) => g.reshape(nodes[i]!, shape));
  const wrt = objective.parameters.map(({ input }) => input);
  const slopes = gradient(g, objective.loss, wrt);
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
  const wanted = names.map((name) => ({ name, parts: entry('metric', name).step!.parts(g, moment) }));
  const records = wanted.flatMap(({ name, parts }) => (parts ?? []).map((value, i) => ({ name: `metric:${name}:${i}`, value })));
  const found = await machine.run(valueProgram(objective, records));
  return Object.fromEntries(
    wanted.map(({ name, parts }) => {
      if (!parts) return [name, null];
      const { axes, step } = entry('metric', name);
      const values = step!.finish(parts.map((_, i) => Float64Array.from(found[`metric:${name}:${i}`]!)));
      return [name, axes.length === 0 ? values[0]! : [...values]];
    }),
  );
}

/** What `stepMoment` reads of a run's plan, for these parameters. */
function planOf(session: Session, layers: ReturnType<typeof weightLayers>): RunPlan {
  const { subject, objective } = session;
  const data = {
    inputs: sizeOf(subject.inputs.shape.slice(1)),
    outputs: sizeOf(objective.outputs.shape.slice(1)),
    targets: 'values' as const,
  };
  const base = planRun(
    parseSpec({ dataset: 'teacherNetwork', loss: 'meanSquaredError', network: { ...defaults('network', 'mlpChain'), depth: 1, width: 1 } }),
    data,
  );
  const matrix = (shape: readonly number[]) => [sizeOf(shape.slice(0, -1)), shape.at(-1)!];
  const stacks = subject.parameters.map(({ name, shape, data: { length } }, i): Stack => {
    const layer = layers.findIndex(({ members }) => members.includes(i));
    const role = subject.roles[i] === 'kernel' ? ('weight' as const) : subject.roles[i]!;
    const of = role === 'weight' ? matrix(shape) : [length];
    const member = { name, role, shape: of, fanIn: of[0]!, fanOut: of.at(-1)!, layer };
    return { ...base.stacks[0]!, name, role, shape: [1, ...of], members: [member], treatment: null };
  });
  const kernels = stacks.filter(({ role }) => role === 'weight').flatMap(({ members }) => members);
  return {
    ...base,
    network: {
      ...base.network,
      parameters: stacks.flatMap(({ members }) => members),
      layers: subject.network?.layers ?? layers.map(({ name }): Layer => ({ name, kind: 'hidden', scaleInvariant: false })),
    },
    stacks,
    activation: { ...base.activation, piecewiseLinear: subject.piecewiseLinear },
    kernelOrder: Int32Array.from(layers, (_, layer) => kernels.findIndex((parameter) => parameter.layer === layer)),
    parameterCount: session.size,
  };
}
