/** @file The spec: all that determines a run. Parsed at the door, canonical as text, named by its SHA-256. */
import { z } from 'zod';
import { catalog, entry, specKinds, type SpecKind } from './catalog.ts';
import type { CurvatureSwitch, Field, Options } from './define.ts';
import { hostInstruments, type HostInstrument } from './metrics/moments.ts';
import { specFaults } from './specFaults.ts';

/** What nobody may ask for, however politely. Shown in the errors. */
export const limits = {
  specBytes: 64 * 1024,
  parameters: 50_000_000,
  dataValues: 100_000_000,
  steps: 10_000_000,
  batchSize: 65_536,
  runs: 1_000,
  topK: 20,
  curvatureBatch: 65_536,
  probeSize: 1_024,
} as const;

export const runtimeNames = ['auto', 'onnx', 'tensorflow', 'reference'] as const;
export const deviceNames = ['auto', 'cpu', 'wasm', 'webgpu', 'cuda'] as const;

export type Spec = {
  readonly version: 1;
  readonly batchSize: number;
  readonly steps: number;
  readonly seed: number;
  /**
   * `step`: which by-products of every step; rows are kept at multiples of `every`; whole sets are evaluated every `evaluationEvery` steps.
   * `weights`, `samples`, `gram`: when the instrument of this name measures. Auto is as often as its `share` of the wall time allows, at step 0
   * and, unless the share is 0, at the last step; a number pins the steps. Samples are those of a fixed probe batch. `host`: which of their metrics.
   */
  readonly metrics: {
    readonly step: 'all' | readonly string[];
    readonly host: 'all' | readonly string[];
    readonly every: number;
    readonly evaluationEvery: number;
    readonly share: number;
    readonly probeSize: number;
  } & { readonly [K in HostInstrument]: 'auto' | 'never' | number };
  /** `every` auto: as often as `share` of the wall time allows, at step 0 and, unless it is 0, at the last step; a number pins the steps. */
  readonly curvature: {
    readonly enabled: boolean;
    readonly share: number;
    readonly every: 'auto' | number;
    readonly batchSize: number;
    readonly topK: number;
  } & { readonly [K in CurvatureSwitch]: boolean };
  readonly checkpointEvery: number;
  readonly runtime: {
    readonly name: (typeof runtimeNames)[number];
    readonly device: (typeof deviceNames)[number];
    readonly precision: 'float32' | 'float64';
    readonly threads: 'auto' | number;
  };
} & { readonly [K in SpecKind]: Options };

/** A spec that was refused: every fault with its path. */
export class SpecError extends Error {
  readonly issues: readonly { readonly path: string; readonly message: string }[];
  constructor(issues: SpecError['issues']) {
    super(`the spec was refused: ${issues.map(({ path, message }) => `${path || 'spec'}: ${message}`).join('; ')}`);
    this.name = 'SpecError';
    this.issues = issues;
  }
}

const show = (value: unknown): string =>
  typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value)).slice(0, 80);
const must = (allowed: string) => ({ error: ({ input }: { input?: unknown }) => `must be ${allowed}, got ${show(input)}` });

function number(min: number, max: number, whole = false, exclusive = false) {
  const rule = must(
    `${whole ? 'an integer' : 'a number'} ${exclusive ? 'above' : 'from'} ${min} ${exclusive ? 'and at most' : 'to'} ${max}`,
  );
  const schema = (exclusive ? z.number(rule).gt(min, rule) : z.number(rule).min(min, rule)).max(max, rule);
  return whole ? schema.int(rule) : schema;
}

function oneOf<T extends string>(choices: readonly T[]) {
  return z.enum(choices as readonly [T, ...T[]], must(`one of ${choices.join(', ')}`));
}

/** A strict object; every field has a default, so that a spec says only what it means to say. */
function fields(shape: Record<string, z.ZodType>) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown field ${(issue.keys as string[]).join(', ')}; allowed: ${Object.keys(shape).join(', ')}`
        : `must be an object, got ${show(issue.input)}`,
  });
}

function fieldSchema(field: Field): z.ZodType {
  if (field.type === 'text') {
    const rule = must(`a text of at most ${field.maxLength} characters`);
    return z.string(rule).max(field.maxLength, rule).default(field.default);
  }
  if (field.type === 'boolean') return z.boolean(must('true or false')).default(field.default);
  if (field.type === 'choice') return oneOf(field.choices).default(field.default);
  return number(field.min, field.max, field.type === 'integer', field.exclusiveMin).default(field.default);
}

/** `{ kind, … }` of one kind of entry. */
function choice(kind: SpecKind, preferred: string) {
  const names = Object.keys(catalog[kind]);
  const options = names.map((name) =>
    fields({
      kind: z.literal(name),
      ...Object.fromEntries(Object.entries(entry(kind, name).fields).map(([field, of]) => [field, fieldSchema(of)])),
    }),
  );
  const union = z.discriminatedUnion('kind', options as unknown as [z.ZodObject, ...z.ZodObject[]], {
    error: ({ input }) =>
      `must be an object whose kind is one of ${names.join(', ')}, got ${show((input as { kind?: unknown } | undefined)?.kind ?? input)}`,
  });
  // a bare name stands for the entry with its defaults, and options without a name for those of the preferred entry
  const named = (value: unknown) =>
    typeof value === 'string'
      ? { kind: value }
      : typeof (value ?? {}) === 'object' && !Array.isArray(value)
        ? { kind: preferred, ...(value as object) }
        : value;
  return z.preprocess(named, union);
}

const preferred: Record<SpecKind, string> = {
  network: 'mlpChain',
  activation: 'relu',
  init: 'he',
  parameterization: 'standard',
  optimizer: 'sgd',
  schedule: 'constant',
  clipping: 'none',
  regularizer: 'none',
  loss: 'softmaxCrossEntropy',
  dataset: 'glyphs',
};

const metricsOf = (costs: readonly string[]) => Object.keys(catalog.metric).filter((name) => costs.includes(entry('metric', name).cost));
/** All of these metrics, or those named. */
const selected = (names: readonly string[]) =>
  z.union([z.literal('all'), z.array(oneOf(names))], must(`"all" or a list of ${names.join(', ')}`)).default('all');
const everySteps = number(1, limits.steps, true);

const specSchema = fields({
  version: z.literal(1, must('1')).default(1),
  ...Object.fromEntries(specKinds.map((kind) => [kind, choice(kind, preferred[kind])])),
  batchSize: number(1, limits.batchSize, true).default(64),
  steps: everySteps.default(2000),
  seed: number(0, 0xffffffff, true).default(1),
  metrics: fields({
    step: selected(metricsOf(['step'])),
    host: selected(metricsOf(hostInstruments)),
    every: everySteps.default(1),
    evaluationEvery: everySteps.default(100),
    share: number(0, 0.95).default(0.05),
    probeSize: number(1, limits.probeSize, true).default(128),
    ...Object.fromEntries(
      hostInstruments.map((name) => [
        name,
        z
          .union([z.enum(['auto', 'never']), everySteps], must(`"auto", "never" or an integer from 1 to ${limits.steps}`))
          .default(name === 'gram' ? 'never' : 'auto'),
      ]),
    ),
  }).prefault({}),
  curvature: fields({
    enabled: z.boolean(must('true or false')).default(true),
    share: number(0, 0.95).default(0.2),
    every: z.union([z.literal('auto'), everySteps], must(`"auto" or an integer from 1 to ${limits.steps}`)).default('auto'),
    batchSize: number(2, limits.curvatureBatch, true).default(512),
    topK: number(1, limits.topK, true).default(5),
    blocks: z.boolean(must('true or false')).default(true),
    trace: z.boolean(must('true or false')).default(true),
    gaussNewton: z.boolean(must('true or false')).default(false),
    fisher: z.boolean(must('true or false')).default(false),
    density: z.boolean(must('true or false')).default(false),
    offDiagonal: z.boolean(must('true or false')).default(false),
    directions: z.boolean(must('true or false')).default(true),
    scaleFree: z.boolean(must('true or false')).default(false),
    exact: z.boolean(must('true or false')).default(false),
  }).prefault({}),
  checkpointEvery: everySteps.default(1000),
  runtime: fields({
    name: oneOf(runtimeNames).default('auto'),
    device: oneOf(deviceNames).default('auto'),
    precision: oneOf(['float32', 'float64'] as const).default('float32'),
    threads: z.union([z.literal('auto'), number(1, 256, true)], must('"auto" or an integer from 1 to 256')).default('auto'),
  }).prefault({}),
});

/**
 * A full spec from what a person or a file said; what is not said takes its default.
 * @throws SpecError with the path of every unknown, out of range or contradictory field, and what is allowed
 */
export const parseSpec = (value: unknown): Spec => parseSpecs([value]).next().value as Spec;

/** One after another; what runs share that differ in their seed is checked once. */
export function* parseSpecs(values: Iterable<unknown>): Generator<Spec, void> {
  const checked = new Set<string>();
  for (const value of values) {
    const spec = readSpec(value);
    const group = groupOf(spec);
    const faults = checked.has(group) ? [] : specFaults(spec, limits);
    if (faults.length > 0) throw new SpecError(faults);
    checked.add(group);
    yield spec;
  }
}

/** Each field by itself. */
function readSpec(value: unknown): Spec {
  const text = typeof value === 'object' && value !== null ? written(value) : '';
  if (text.length > limits.specBytes)
    throw new SpecError([{ path: '', message: `must be at most ${limits.specBytes} bytes, got ${text.length}` }]);
  if (text.includes('"__proto__"')) throw new SpecError([{ path: '', message: 'unknown field __proto__' }]);
  const parsed = specSchema.safeParse(value);
  if (parsed.success) return JSON.parse(JSON.stringify(parsed.data)) as Spec; // -0 becomes 0: equal texts are equal runs
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const isFirst = (issue: (typeof issues)[number], at: number) =>
    issues.findIndex(({ path, message }) => path === issue.path && message === issue.message) === at; // a number has several rules, told alike
  throw new SpecError(issues.filter(isFirst));
}

function written(value: object): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw new SpecError([
      { path: '', message: `must be JSON, not nested too deep to be written: ${(error as Error).message.toLowerCase()}` },
    ]);
  }
}

/** The spec as one line of text: keys sorted, every default written out. Equal specs are equal texts. */
export function canonical(spec: Spec): string {
  const sorted = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(sorted)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([key, inner]) => [key, sorted(inner)]),
          )
        : value;
  return JSON.stringify(sorted(spec));
}

/** What runs that differ only in their seed share: the canonical text without the seed. */
export const groupOf = (spec: Spec): string => canonical({ ...spec, seed: 0 });

/** SHA-256 of the canonical text, in hex. */
export async function hashSpec(spec: Spec): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest('SHA-256', new TextEncoder().encode(canonical(spec)));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The spec as JSON Schema, for editors and other languages. */
export const specJsonSchema = (): unknown => z.toJSONSchema(specSchema, { io: 'input', unrepresentable: 'any' });
