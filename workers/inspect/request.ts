/** @file A question as it comes in: a network at given weights, or an operator; parsed at the door, its JSON Schema beside it. */
import { z } from 'zod';
import { catalog } from '#core/catalog.ts';
import { inspectLosses } from '#core/inspect/losses.ts';
import { deviceNames, runtimeNames } from '#core/spec.ts';
import { askJsonSchema } from './ask.ts';
import { layersSchema, oneOf, strict, text, whole } from './layerSchema.ts';
import { InspectRefusal, pathText, refuse, show } from './refusal.ts';

export const lossNames = [...Object.keys(inspectLosses), ...Object.keys(catalog.loss)];

const tensor = z.unknown().meta({
  description: 'Nested lists of numbers, or { "shape": […], "data": […] } row-major, or { "file": "arrays.npz", "name": "x" }.',
  anyOf: [
    { type: 'array' },
    {
      type: 'object',
      properties: { shape: { type: 'array', items: { type: 'integer' } }, data: { type: 'array', items: { type: 'number' } } },
    },
    { type: 'object', properties: { file: { type: 'string' }, name: { type: 'string' } }, required: ['file'] },
  ],
});
const options = z.record(z.string(), z.unknown());
const named = z.union([text(), options], { error: ({ input }) => `must be a name or an object { kind, … }, got ${show(input)}` });

const schema = strict({
  title: text(2_000).optional(),
  layers: layersSchema.optional(),
  network: named
    .optional()
    .meta({ description: 'Instead of layers: a network of the catalog, { kind, … }; `spec` may say its activation.' }),
  spec: options.optional().meta({
    description:
      'A spec (plateau run): its network, activation, init, loss and seed are used; without params the weights are its initial ones.',
  }),
  params: z
    .unknown()
    .optional()
    .meta({
      description:
        'Parameter name to tensor, or { "file": "weights.npz" } (or .safetensors). Names <layer>.kernel [in, out] or [kh, kw, Cin, Cout], .bias, .scale, .shift, with anything in front (params/<layer>/kernel); other names are taken layer by layer (kernel, bias; scale, shift): in the order of the numbers in them (net.2 before net.10, w1 before w2), a bias behind the kernel of its name and a shift behind its scale, else as they stand, or as param_order says; if all shapes fit, no name ends in another role (beta where a scale is due), and there is one way to read them: a bias or an affine that layers leave out is refused where several could have it, and so are names in alphabetical order of which two could change places. readAs in the answer says what each was taken for.',
      anyOf: [
        { type: 'object', additionalProperties: tensor.meta() },
        { type: 'object', properties: { file: { type: 'string' } }, required: ['file'] },
      ],
    }),
  initial: z.unknown().optional().meta({
    description: 'The weights at step 0, written as params: for metrics of the distance from them. Networks of the catalog know theirs.',
  }),
  param_order: z
    .array(text(), { error: ({ input }) => `must be a list of parameter names, got ${show(input)}` })
    .optional()
    .meta({
      description:
        'Order of the parameters in flat vectors and matrices, and in which other names than those of the layers are taken; by default flat vectors keep the order of params.',
    }),
  layout: oneOf(['plateau', 'torch']).default('plateau').meta({
    description:
      'torch: dense kernels come as [out, in], convolutions as [Cout, Cin, kh, kw], pixels behind flatten channel by channel; they are turned, running statistics are left out. Inputs are NHWC all the same.',
  }),
  inputs: tensor.optional(),
  targets: tensor.optional().meta({
    description: 'Class labels [B], or values of the outputs’ shape: -1 or 1 for hinge, from 0 to 1 for logistic and binary_ce_logits.',
  }),
  held_out: strict({ inputs: tensor.optional(), targets: tensor.optional() })
    .optional()
    .meta({ description: 'Inputs and targets that were held out, for heldOutLoss and heldOutAccuracy.' }),
  loss: named.optional().meta({ description: `One of ${lossNames.join(', ')}.` }),
  learningRate: z
    .number({ error: ({ input }) => `must be a number above 0, got ${show(input)}` })
    .gt(0, { error: ({ input }) => `must be a number above 0, got ${show(input)}` })
    .default(0.1)
    .meta({ description: 'For metrics of an update: one step of gradient descent at this rate.' }),
  vectors: z.unknown().optional(),
  ask: z.unknown().optional(),
  operator: z.unknown().optional(),
  solver: z.unknown().optional(),
  precision: oneOf(['float64', 'float32']).default('float64'),
  runtime: z
    .union(
      [
        oneOf(runtimeNames).transform((name) => ({ name, device: 'auto' as const, threads: 'auto' as const })),
        strict({
          name: oneOf(runtimeNames).default('auto'),
          device: oneOf(deviceNames).default('auto'),
          threads: z.union([z.literal('auto'), whole(1, 256)]).default('auto'),
        }),
      ],
      {
        error: ({ input }) =>
          `must be one of ${runtimeNames.join(', ')}, or { name, device, threads } with device one of ${deviceNames.join(', ')}, got ${show(input)}`,
      },
    )
    .default({ name: 'auto', device: 'auto', threads: 'auto' }),
});

export type InspectRequest = z.infer<typeof schema>;

/** @throws InspectRefusal with every unknown or impossible field */
export function parseRequest(value: unknown): InspectRequest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse('', `must be a JSON object, got ${show(value)}`);
  const { paramOrder, learning_rate, heldOut, $schema: _, ...rest } = value as Record<string, unknown>;
  const spelled = {
    ...rest,
    ...(paramOrder === undefined ? {} : { param_order: paramOrder }),
    ...(heldOut === undefined ? {} : { held_out: heldOut }),
    ...(learning_rate === undefined ? {} : { learningRate: learning_rate }),
  };
  const parsed = schema.safeParse(spelled);
  if (!parsed.success)
    throw new InspectRefusal(parsed.error.issues.map((issue) => ({ path: pathText(issue.path), message: issue.message })));
  const request = parsed.data;
  if (request.operator !== undefined)
    for (const field of ['layers', 'network', 'spec', 'params', 'inputs', 'targets'] as const)
      if (request[field] !== undefined) refuse(field, 'must be left out where an operator is given');
  if (request.operator === undefined) {
    const ways = (['layers', 'network', 'spec'] as const).filter((field) => request[field] !== undefined);
    if (ways.length === 0) refuse('layers', 'must be a list of layers (or give network, spec or operator), got nothing');
    if (request.layers !== undefined && ways.length > 1) refuse(ways[1]!, 'must be left out where layers are given');
  }
  return request;
}

/** What `plateau inspect --schema` prints. */
export function inspectJsonSchema(): unknown {
  const { properties, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as {
    properties: Record<string, unknown>;
  };
  return {
    title: 'A question to plateau inspect',
    ...rest,
    properties: {
      ...properties,
      ask: askJsonSchema(),
      operator: {
        description:
          'A symmetric matrix without a network: dense rows under matrix, or its diagonal; answers top, bottom, trace, frobenius, spectrum, density.',
        type: 'object',
        properties: {
          matrix: properties.inputs ?? {},
          diagonal: { type: 'array', items: { type: 'number' } },
          solver: { enum: ['auto', 'dense', 'lanczos', 'power'] },
        },
      },
    },
  };
}
