/** @file How a layer is written in a question, and as what it is read. */
import { z } from 'zod';
import { catalog } from '#core/catalog.ts';
import { activationNamed, type ChosenActivation, type LayerSpec } from '#core/inspect/layers.ts';
import { chosenOptions, isFault } from './options.ts';
import { show } from './refusal.ts';

const must = (allowed: string) => ({ error: ({ input }: { input?: unknown }) => `must be ${allowed}, got ${show(input)}` });

/** A strict object, whose refusals name the fields there are. */
export function strict<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown field ${(issue.keys as string[]).join(', ')}; allowed: ${Object.keys(shape).join(', ')}`
        : `must be an object, got ${show(issue.input)}`,
  });
}

export const whole = (min: number, max: number) => {
  const rule = must(`an integer from ${min} to ${max}`);
  return z.number(rule).int(rule).min(min, rule).max(max, rule);
};
export const flag = z.boolean(must('true or false'));
export const text = (max = 200) =>
  z.string(must(`a text of at most ${max} characters`)).max(max, must(`a text of at most ${max} characters`));
export const oneOf = <T extends string>(choices: readonly [T, ...T[]]) => z.enum(choices, must(`one of ${choices.join(', ')}`));

const activations = Object.keys(catalog.activation);

/** A name of the catalog, or `{ kind, … }` with its options. */
const activation = z
  .union([text(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))], must(`one of ${activations.join(', ')}`))
  .transform((value, context): ChosenActivation => {
    const { kind, ...given } = typeof value === 'string' ? { kind: value } : value;
    const of = typeof kind === 'string' ? activationNamed(kind, activations) : null;
    if (!of) {
      context.addIssue({ code: 'custom', message: `must be one of ${activations.join(', ')}, got ${show(kind)}` });
      return z.NEVER;
    }
    const options = chosenOptions('activation', of.card.name, given);
    if (!isFault(options)) return { of, options };
    context.addIssue({ code: 'custom', path: [options.path], message: options.message });
    return z.NEVER;
  })
  .meta({
    description: `One of ${activations.join(', ')}, or an object { kind, … } with its options. Also leaky_relu or LeakyReLU for leakyRelu (case and what is no letter or digit do not count), swish for silu, identity or none for linear.`,
  });

const side = whole(1, 65_536);
const name = text().min(1, must('a text that is not empty')).optional().meta({
  description:
    'Parameters are named <name>.kernel, <name>.bias, <name>.scale, <name>.shift; without a name the type and the position stand for it: dense0.',
});
const pair = z
  .union([side, z.tuple([side, side])], must('an integer of at least 1, or two of them'))
  .transform((n): [number, number] => (typeof n === 'number' ? [n, n] : n));
const kernel = z
  .union([side, z.array(side).min(2).max(4)], must('kh = kw, [kh, kw], or [kh, kw, Cin, Cout]'))
  .transform((n) => (typeof n === 'number' ? [n, n] : n));
const eps = z.number(must('a number from 0 to 1')).min(0, must('a number from 0 to 1')).max(1, must('a number from 0 to 1')).default(1e-5);
const padding = z
  .preprocess((value) => (typeof value === 'string' ? value.toLowerCase() : value), oneOf(['same', 'valid']))
  .default('valid')
  .meta({ description: 'valid (no padding) by default.' });
const none = z.preprocess((value) => (value === null || value === 'none' ? undefined : value), activation.optional());
const affine = flag.optional().meta({ description: 'A learned scale and shift; by default, where the parameters have them.' });
const bias = flag.optional().meta({ description: 'By default, where the parameters have one; true without parameters.' });
const norm = { name, eps, affine };

const shapes = {
  dense: { name, in: side.optional(), out: side.optional(), bias, activation: none },
  conv2d: {
    name,
    kernel: kernel.optional(),
    in: side.optional(),
    out: side.optional(),
    stride: pair.default([1, 1]),
    padding,
    bias,
    activation: none,
  },
  batchnorm: norm,
  layernorm: norm,
  activation: { name, fn: activation },
  maxpool2: { name },
  avgpool2: { name },
  global_avg_pool: { name },
  flatten: { name },
  save: { name, key: text() },
  add: { name, key: text() },
} as const;
type LayerType = keyof typeof shapes;
const types = Object.keys(shapes) as [LayerType, ...LayerType[]];

/** `batch_norm`, `BatchNorm` and `batchnorm` are one. */
function canonicalType(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string') return value;
  const plain = (word: string) => word.toLowerCase().replace(/[^a-z0-9]/g, '');
  const wanted = plain(value.type);
  return { ...value, type: types.find((type) => plain(type) === wanted) ?? value.type };
}

const union = z.discriminatedUnion(
  'type',
  types.map((type) => strict({ type: z.literal(type), ...shapes[type] })) as unknown as [z.ZodObject, ...z.ZodObject[]],
  {
    error: ({ input }) =>
      `must be an object whose type is one of ${types.join(', ')}, got ${show((input as { type?: unknown } | undefined)?.type ?? input)}`,
  },
);

export const layersSchema = z
  .array(z.preprocess(canonicalType, union), must('a list of layers'))
  .min(1, must('a list of at least one layer'))
  .max(4_000, { error: 'must be a list of at most 4000 layers' })
  .transform((layers): LayerSpec[] =>
    layers.map(
      (layer, at) => ({ ...layer, name: (layer.name as string | undefined) ?? `${String(layer.type)}${at}` }) as unknown as LayerSpec,
    ),
  );
