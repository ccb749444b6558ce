/** @file What may be asked, how it is written, and as what it is read. */
import { z } from 'zod';
import { catalog } from '#core/catalog.ts';
import { flag, oneOf, strict, whole } from './layerSchema.ts';
import { InspectRefusal, pathText, refuse, show } from './refusal.ts';

const count = (otherwise: number) =>
  z.preprocess((value) => (value === true ? otherwise : value === false ? undefined : value), whole(0, 2_000).optional());
const seed = whole(0, 0xffffffff).default(1);
const probes = whole(2, 100_000);

const ends = {
  top: count(5).meta({ type: 'integer', description: 'How many of the largest (signed) eigenvalues, descending.' }),
  bottom: count(5).meta({ type: 'integer', description: 'How many of the smallest (signed) eigenvalues, ascending.' }),
  trace: flag.optional(),
  frobenius: flag.optional(),
  spectrum: flag.optional().meta({ description: 'All eigenvalues, descending; under 2,000 parameters.' }),
  matrix: flag.optional().meta({ description: 'The matrix, row-major in the order of param_order; under 2,000 parameters.' }),
  method: oneOf(['auto', 'dense', 'lanczos']).default('auto'),
  probes: probes.optional().meta({ description: 'Random probes where trace and norm are estimated.' }),
  seed,
};
const vectors = z
  .array(z.unknown(), { error: ({ input }) => `must be a list of vectors, got ${show(input)}` })
  .min(1, { error: 'must be a list of at least one vector, got []' })
  .max(10_000, { error: 'must be a list of at most 10000 vectors' })
  .meta({ description: 'Each a list of numbers in the order of param_order, or an object of parameter name to values.' });

/** Matrices that ends, traces and densities are asked of; `fisher` is the empirical one, `modelFisher` that of targets the model draws. */
export const matrices = ['hessian', 'ggn', 'fisher', 'modelFisher'] as const;
export type MatrixName = (typeof matrices)[number];

export const densityFields = {
  of: oneOf(matrices).default('hessian'),
  method: oneOf(['auto', 'exact', 'slq']).default('auto'),
  probes: probes.default(16),
  rank: whole(2, 2_000).default(80).meta({ description: 'Lanczos steps of each probe.' }),
  points: whole(2, 100_000).default(512),
  sigma: z
    .number({ error: ({ input }) => `must be a number above 0, got ${show(input)}` })
    .gt(0, { error: ({ input }) => `must be a number above 0, got ${show(input)}` })
    .optional()
    .meta({ description: 'Width of each eigenvalue’s bell; by default 1/100 of the range.' }),
  grid: z
    .array(z.number({ error: ({ input }) => `must be a number, got ${show(input)}` }), {
      error: ({ input }) => `must be a list of numbers, got ${show(input)}`,
    })
    .min(1, { error: 'must be a list of at least one number, got []' })
    .optional(),
  seed,
};

const questions = {
  loss: strict({}),
  outputs: strict({}),
  gradients: strict({}),
  layerNorms: strict({}),
  hvp: strict({ vectors }),
  hessian: strict({ ...ends, vectors: vectors.optional() }),
  blocks: strict({ ...ends, of: oneOf(matrices).default('hessian') }),
  ggn: strict({ ...ends, vectors: vectors.optional() }),
  fisher: strict({ ...ends, vectors: vectors.optional() }),
  modelFisher: strict({ ...ends, vectors: vectors.optional() }),
  gram: strict({
    of: oneOf(['outputs', 'losses'])
      .default('outputs')
      .meta({ description: 'Gradients of each output of each example, or of each example’s loss.' }),
    matrix: flag.default(true),
    spectrum: flag.default(true),
  }),
  density: strict(densityFields),
  perSample: strict({ gradients: flag.default(false).meta({ description: 'Also every example’s gradient, [B, P].' }) }).meta({
    description:
      'Gradients of the examples’ losses: norms, covariance, and the plain ratios noiseScale and signalToNoise of this batch; the metrics gradNoiseScale and gradSignalToNoise take |g|² - covarianceTrace/B for |g|². Through the statistics of batch normalization.',
  }),
};
export type QuestionName = keyof typeof questions;
const questionNames = Object.keys(questions) as QuestionName[];
const metricNames = Object.keys(catalog.metric);

export type Asked = { readonly [K in QuestionName]?: z.infer<(typeof questions)[K]> } & {
  readonly metrics: readonly string[];
  /** Where each question stands: `ask[1].hessian`; nowhere for products with vectors beside ask. */
  readonly at: Readonly<Record<QuestionName, string>>;
};
export type EndsAsked = Omit<NonNullable<Asked['hessian']>, 'vectors'>;

const allowed = `any of ${questionNames.join(', ')}, or a metric of the catalog (${metricNames.slice(0, 4).join(', ')}, …)`;

/** The words that name a question inside an entry of a list. */
const nameFields = ['name', 'question', 'ask', 'what', 'kind', 'type', 'quantity'];

/**
 * `["loss", { "hessian": { "top": 3 } }, { "name": "hvp", "vectors": […] }]` or `{ "loss": true, "hessian": { "top": 3 } }`.
 *
 * @throws InspectRefusal
 */
export function readAsk(value: unknown, defaults: { readonly vectors?: unknown }): Asked {
  if (value === undefined || value === null) refuse('ask', `must be ${allowed}, got nothing`);
  const asked: Record<string, unknown> = {};
  const metrics: string[] = [];
  const at = Object.fromEntries(questionNames.map((name) => [name, `ask.${name}`])) as Record<QuestionName, string>;
  const take = (name: string, options: unknown, path: string): void => {
    if (options === false || options === null) return;
    if (name === 'metrics') {
      if (!Array.isArray(options)) refuse(path, `must be a list of metrics, got ${show(options)}`);
      options.forEach((metric, i) => take(String(metric), true, `${path}[${i}]`));
      return;
    }
    if (!(questionNames as string[]).includes(name)) {
      if (!Object.hasOwn(catalog.metric, name)) refuse(path, `must be ${allowed}, got ${show(name)}`);
      if (!metrics.includes(name)) metrics.push(name);
      return;
    }
    const parsed = questions[name as QuestionName].safeParse(optionsOf(name as QuestionName, options, defaults));
    if (!parsed.success)
      throw new InspectRefusal(parsed.error.issues.map((issue) => ({ path: pathText([path, ...issue.path]), message: issue.message })));
    // vectors may stand beside ask
    at[name as QuestionName] = name === 'hvp' && !holdsVectors(options) && defaults.vectors !== undefined ? '' : path;
    asked[name] = { ...(asked[name] as object | undefined), ...parsed.data };
  };
  const each = (entry: unknown, path: string): void => {
    if (typeof entry === 'string') return take(entry, true, (questionNames as string[]).includes(entry) ? `${path}.${entry}` : path);
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) refuse(path, `must be ${allowed}, got ${show(entry)}`);
    const record = entry as Record<string, unknown>;
    const naming = nameFields.find((field) => typeof record[field] === 'string');
    if (naming !== undefined) {
      const { [naming]: name, ...options } = record;
      return take(String(name), Object.keys(options).length > 0 ? options : true, path);
    }
    for (const [name, options] of Object.entries(record)) take(name, options, `${path}.${name}`);
  };
  if (Array.isArray(value)) value.forEach((entry, i) => each(entry, `ask[${i}]`));
  else each(value, 'ask');
  if (Object.keys(asked).length + metrics.length === 0) refuse('ask', `must be ${allowed}, got ${show(value)}`);
  return { ...asked, metrics, at } as Asked;
}

const withEnds: readonly string[] = ['blocks', ...matrices];
const everything = { top: 5, bottom: 5, trace: true, frobenius: true };
/** Quantities of an operator; where none of them is named, all of the usual ones are meant. */
const quantities = ['top', 'bottom', 'trace', 'frobenius', 'spectrum', 'matrix', 'vectors'];

function optionsOf(name: QuestionName, options: unknown, defaults: { readonly vectors?: unknown }): unknown {
  if (name === 'hvp') {
    if (Array.isArray(options)) return { vectors: isVector(options) ? [options] : options };
    const { vector, ...given } = typeof options === 'object' ? (options as Record<string, unknown>) : {};
    const raw = given.vectors ?? vector ?? defaults.vectors;
    const list = Array.isArray(raw) ? (isVector(raw) ? [raw] : raw) : raw === undefined ? undefined : [raw];
    return { ...given, vectors: list };
  }
  if (!withEnds.includes(name)) return options === true ? {} : options;
  if (options === true) return everything;
  if (Array.isArray(options)) return Object.fromEntries(options.map((quantity) => [String(quantity), true]));
  if (typeof options !== 'object' || options === null) return options;
  const named = quantities.some((quantity) => Object.hasOwn(options, quantity));
  return named ? options : { ...everything, ...options };
}

const holdsVectors = (options: unknown): boolean =>
  typeof options === 'object' && options !== null && (Array.isArray(options) || 'vectors' in options || 'vector' in options);
const isVector = (list: unknown[]): boolean => list.length > 0 && list.every((value) => typeof value === 'number');

/** The questions as JSON Schema. */
export function askJsonSchema(): unknown {
  const of = Object.fromEntries(
    questionNames.map((name) => [
      name,
      { anyOf: [{ type: 'boolean' }, z.toJSONSchema(questions[name], { io: 'input', unrepresentable: 'any' })] },
    ]),
  );
  const metrics = Object.fromEntries(metricNames.map((name) => [name, { type: 'boolean', description: catalog.metric[name]!.card.title }]));
  const questionsObject = { type: 'object', properties: { ...of, ...metrics }, additionalProperties: false };
  return {
    description: 'A list of names or of objects { name: options }, or one such object. true stands for the usual options.',
    anyOf: [{ type: 'array', items: { anyOf: [{ enum: [...questionNames, ...metricNames] }, questionsObject] } }, questionsObject],
  };
}
