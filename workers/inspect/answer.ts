/** @file Answers a question: opens a runtime, computes what was asked, names every answer as it was asked. */
import { sizeOf, type Values } from '#core/graph/node.ts';
import {
  fisherProgram,
  gaussNewtonProgram,
  hessianProgram,
  modelFisherProgram,
  inspectObjective,
  valueProgram,
  type InspectObjective,
} from '#core/inspect/objective.ts';
import { readAsk, type Asked, type MatrixName } from './ask.ts';
import { answerDensity } from './density.ts';
import type { ArrayFiles } from './files.ts';
import { answerGram, answerPerSample } from './gradients.ts';
import { openMachine, openRuntime, type Machine } from './machine.ts';
import { answerMetrics } from './metrics.ts';
import { answerOperator } from './operator.ts';
import { pathText, refuse, show } from './refusal.ts';
import { parseRequest, type InspectRequest } from './request.ts';
import { answerEnds, blockOf, denseLimit, denseOf, type Operator } from './spectrum.ts';
import { readSubject, type Subject } from './subject.ts';
import { readTensor } from './tensors.ts';

export type Answer = Record<string, unknown>;

/** Everything a question needs once it is understood. */
export interface Session {
  readonly request: InspectRequest;
  readonly subject: Subject;
  readonly objective: InspectObjective;
  readonly machine: Machine;
  readonly size: number; // P
  readonly offsets: readonly number[]; // of each parameter in the flat vector
  readonly hessian: Operator;
  readonly ggn: Operator;
  readonly fisher: Operator;
  readonly modelFisher: Operator;
  /** The same question in float64, opened when a residual of float32 needs it. */
  sure(): Promise<Session>;
  close(): Promise<void>;
  value(): Promise<{ loss: number; outputs: Float64Array; gradient: Float64Array; records: Record<string, Values> }>;
}

/**
 * @param over fields that a command's options put over the file's
 * @throws InspectRefusal
 */
export async function answerQuestion(value: unknown, files: ArrayFiles): Promise<Answer> {
  const started = performance.now();
  const request = parseRequest(value);
  if (request.operator !== undefined) return answerOperator(request, files, started);
  const asked = readAsk(request.ask, { vectors: request.vectors });
  const subject = readSubject(request, files);
  const session = await openSession(request, subject);
  const timings: Record<string, number> = { openMs: performance.now() - started };
  try {
    const answer: Answer = {};
    for (const [name, give] of answers(session, asked)) {
      const from = performance.now();
      Object.assign(answer, await give());
      timings[`${name}Ms`] = performance.now() - from;
    }
    const { runtime } = session.machine;
    return {
      ...answer,
      parameters: session.size,
      param_order: subject.parameters.map(({ name }) => name),
      readAs: Object.fromEntries(subject.parameters.map(({ name }, i) => [name, subject.readAs[i]!])),
      batch: subject.inputs.shape[0],
      lossName: subject.lossName,
      precision: request.precision,
      runtime: runtime.name,
      device: runtime.device,
      runtimeVersion: runtime.version,
      timings: { ...timings, totalMs: performance.now() - started },
    };
  } finally {
    await session.close();
  }
}

/** Values computed for the comparison with the reference, at most: a fraction of a second. */
const comparedSize = 300_000;

/**
 * `auto` takes ONNX Runtime once it has shown that it compiles this network and, where that costs little, that its gradient and a product with the
 * Hessian are those of the reference; else the reference answers.
 */
async function openSession(request: InspectRequest, subject: Subject): Promise<Session> {
  const session = await sessionOn(request, subject);
  if (request.runtime.name !== 'auto' || session.machine.runtime.name === 'reference') return session;
  const reference = () => sessionOn({ ...request, runtime: { ...request.runtime, name: 'reference' } }, subject);
  let other: Session | null = null;
  try {
    const [gradient, product] = await sample(session);
    if (session.size * subject.inputs.shape[0]! > comparedSize) return session;
    other = await reference();
    const [sure, alsoSure] = await sample(other);
    const tolerance = request.precision === 'float64' ? 1e-9 : 1e-2;
    if (agree(gradient, sure, tolerance) && agree(product, alsoSure, tolerance)) {
      await other.close();
      return session;
    }
  } catch {
    other ??= await reference(); // a program that does not compile there
  }
  await session.close();
  return other;
}

/** The gradient, and the Hessian times it. */
async function sample({ value, hessian }: Session): Promise<[Float64Array, Float64Array]> {
  const { gradient } = await value();
  return [gradient, (await hessian.apply([gradient]))[0]!];
}

function agree(a: Float64Array, b: Float64Array, tolerance: number): boolean {
  const scale = b.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return a.every((x, i) => Math.abs(x - b[i]!) <= tolerance * scale || !Number.isFinite(b[i]!));
}

async function sessionOn(request: InspectRequest, subject: Subject): Promise<Session> {
  const { parameters, inputs, targets, loss } = subject;
  const objective = inspectObjective({
    precision: request.precision,
    inputShape: inputs.shape,
    targets,
    parameters: parameters.map(({ shape }) => shape),
    forward: subject.forward,
    loss,
  });
  const runtime = await openRuntime(request.runtime, request.precision);
  const feeds: Record<string, Values> = {
    inputs: inputs.data,
    targets: targets.data,
  };
  parameters.forEach(({ data }, i) => (feeds[`parameter${i}`] = data));
  const machine = await openMachine(runtime, objective, feeds);
  const offsets: number[] = [];
  const size = parameters.reduce((offset, { data }) => (offsets.push(offset), offset + data.length), 0);
  const noise = request.precision === 'float64' ? 2 ** -52 : 2 ** -23;
  const elsewhere = { ...request.runtime, name: 'auto', device: 'auto' } as const;
  let opened: Promise<Session> | undefined;
  // not where it was asked: not every runtime and device has float64
  const sure = () => (opened ??= openSession({ ...request, precision: 'float64', runtime: elsewhere }, subject));
  const close = async () => {
    await machine.close();
    await (await opened)?.close();
  };
  const operator = (name: MatrixName, make: () => ReturnType<typeof hessianProgram>): Operator => {
    let program: ReturnType<typeof hessianProgram> | undefined;
    return {
      size,
      noise,
      apply: (vectors) => machine.products((program ??= make()), 'vector', vectors),
      ...(request.precision === 'float32' ? { sure: async (vectors) => (await sure())[name].apply(vectors) } : {}),
    };
  };
  const value = once(async () => {
    const records = await machine.run(valueProgram(objective));
    return {
      loss: records.loss![0]!,
      outputs: Float64Array.from(records.outputs!),
      gradient: Float64Array.from(records.gradient!),
      records,
    };
  });
  return {
    ...{ request, subject, objective, machine, size, offsets, value, sure, close },
    hessian: operator('hessian', () => hessianProgram(objective)),
    ggn: operator('ggn', () => gaussNewtonProgram(objective)),
    fisher: operator('fisher', () => fisherProgram(objective)),
    modelFisher: operator('modelFisher', () => {
      if (!objective.information) refuse('ask', `modelFisher takes a loss that is a negative log-likelihood, got ${subject.lossName}`);
      return modelFisherProgram(objective);
    }),
  };
}

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
};

/** Each question with the work that answers it, the cheap ones first. */
function answers(session: Session, asked: Asked): [string, () => Promise<Answer>][] {
  const { objective, hessian, value } = session;
  const { at } = asked;
  const all: [string, (() => Promise<Answer>) | undefined][] = [
    ['loss', asked.loss && (async () => ({ loss: (await value()).loss }))],
    ['outputs', asked.outputs && (async () => ({ outputs: { shape: objective.outputs.shape, data: [...(await value()).outputs] } }))],
    ['gradients', asked.gradients && (async () => ({ gradients: gradientsByName(session, (await value()).gradient) }))],
    ['layerNorms', asked.layerNorms && (async () => ({ layerNorms: await layerNorms(session) }))],
    ['hvp', asked.hvp && (async () => ({ hvp: await products(session, hessian, asked.hvp!.vectors, pathText([at.hvp, 'vectors'])) }))],
    ['hessian', asked.hessian && (async () => ({ hessian: await whole(session, hessian, asked.hessian!, at.hessian) }))],
    ...(['ggn', 'fisher', 'modelFisher'] as const).map((name): [string, (() => Promise<Answer>) | undefined] => {
      const wanted = asked[name];
      return [name, wanted && (async () => ({ [name]: await whole(session, session[name], wanted, at[name]) }))];
    }),
    ['blocks', asked.blocks && (async () => ({ blocks: await blocks(session, asked.blocks!, at.blocks) }))],
    ['gram', asked.gram && (async () => ({ gram: await answerGram(session, asked.gram!, at.gram) }))],
    ['density', asked.density && (async () => ({ density: await answerDensity(session[asked.density!.of], asked.density!, at.density) }))],
    [
      'perSample',
      asked.perSample && (async () => ({ perSample: await answerPerSample(session, asked.perSample!.gradients, at.perSample) })),
    ],
    ['metrics', asked.metrics.length > 0 ? () => answerMetrics(session, asked.metrics) : undefined],
  ];
  return all.filter((entry): entry is [string, () => Promise<Answer>] => entry[1] !== undefined);
}

function gradientsByName({ subject, offsets }: Session, gradient: Float64Array): Answer {
  return Object.fromEntries(
    subject.parameters.map(({ name, shape, data }, i) => [
      name,
      { shape, data: [...gradient.subarray(offsets[i]!, offsets[i]! + data.length)] },
    ]),
  );
}

/** Norms of each layer's kernel and of all it holds; root mean square of what leaves it. */
async function layerNorms(session: Session): Promise<Answer> {
  const { subject, offsets, machine, objective } = session;
  const { g, taps } = objective;
  const records = taps.map(({ activation }, i) => ({ name: `tap${i}`, value: g.norm(activation) }));
  const found = records.length > 0 ? await machine.run(valueProgram(objective, records)) : {};
  const { gradient } = await session.value();
  const norm = (values: Float64Array) => Math.hypot(...chunked(values));
  const part = (i: number) => gradient.subarray(offsets[i]!, offsets[i]! + subject.parameters[i]!.data.length);
  return Object.fromEntries(
    subject.blocks.map(({ name, members, kernel, tap }) => {
      const joint = (of: (i: number) => number) => Math.hypot(...members.map(of));
      const weight = (i: number) => norm(subject.parameters[i]!.data);
      const rms = found[`tap${tap}`];
      return [
        name,
        {
          weightNorm: kernel < 0 ? null : weight(kernel),
          gradNorm: kernel < 0 ? null : norm(part(kernel)),
          allNorm: joint(weight),
          allGradNorm: joint((i) => norm(part(i))),
          activationRms: rms ? rms[0]! / Math.sqrt(sizeOf(taps[tap]!.activation.shape)) : null,
          parameters: Object.fromEntries(members.map((i) => [subject.parameters[i]!.name, { norm: weight(i), gradNorm: norm(part(i)) }])),
        },
      ];
    }),
  );
}

/** Norms of pieces, as Math.hypot takes its values as arguments. */
function chunked(values: Float64Array): number[] {
  const norms: number[] = [];
  for (let at = 0; at < values.length; at += 4_096) norms.push(Math.hypot(...values.subarray(at, at + 4_096)));
  return norms;
}

/** @param vectors lists [P] or objects of parameter name to values */
async function products(session: Session, operator: Operator, vectors: readonly unknown[], path: string): Promise<number[][]> {
  const flat = vectors.map((vector, i) => flatVector(session, vector, `${path}[${i}]`));
  return (await operator.apply(flat)).map((product) => [...product]);
}

function flatVector({ subject, size, offsets }: Session, value: unknown, path: string): Float64Array {
  const noFiles: ArrayFiles = { read: (_, at) => refuse(at, 'vectors are written out, not read from files') };
  const take = (of: unknown, at: string, length: number): Float64Array => {
    const { data } = readTensor(of, at, noFiles);
    if (data.length !== length) refuse(at, `must hold ${length} numbers, got ${data.length}`);
    return data;
  };
  if (typeof value !== 'object' || value === null)
    refuse(path, `must be a list of ${size} numbers or an object by parameter, got ${show(value)}`);
  if (Array.isArray(value) || 'data' in value) return take(value, path, size);
  const whole = new Float64Array(size);
  for (const [name, part] of Object.entries(value)) {
    const i = subject.parameters.findIndex((parameter) => parameter.name === name);
    if (i < 0) refuse(`${path}.${name}`, `must be one of ${subject.parameters.map((parameter) => parameter.name).join(', ')}, got ${name}`);
    whole.set(take(part, `${path}.${name}`, subject.parameters[i]!.data.length), offsets[i]);
  }
  return whole;
}

async function whole(session: Session, operator: Operator, asked: NonNullable<Asked['hessian']>, path: string): Promise<Answer> {
  const answer = await answerEnds(operator, asked, path);
  return asked.vectors ? { ...answer, vectors: await products(session, operator, asked.vectors, `${path}.vectors`) } : answer;
}

async function blocks(session: Session, asked: NonNullable<Asked['blocks']>, path: string): Promise<Answer> {
  const { subject, offsets } = session;
  const operator = session[asked.of];
  if (operator.size < denseLimit) await denseOf(operator);
  const found: [string, Answer][] = [];
  for (const { name, members } of subject.blocks) {
    const indices = members.flatMap((i) => Array.from({ length: subject.parameters[i]!.data.length }, (_, k) => offsets[i]! + k));
    const ends = await answerEnds(blockOf(operator, Int32Array.from(indices)), asked, path);
    found.push([name, { ...ends, members: members.map((i) => subject.parameters[i]!.name) }]);
  }
  return Object.fromEntries(found); // a layer may be called __proto__
}
