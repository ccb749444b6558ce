/** @file What workers may say, parsed at the door. What it names stays text: no value is taken that the database or the pages cannot hold. */
import { z } from 'zod';
import type { ReportRequest } from '#core/protocol.ts';
import { HttpError } from './bodies.ts';

const largest = 2 ** 31 - 1;
/** Of the program that a worker runs, errors among it: PostgreSQL's text holds no U+0000, and a run must not fail for its words. */
const words = (max: number) => z.string().transform((text) => text.slice(0, max).replaceAll('\0', '\ufffd'));
const cleaned = (value: unknown): unknown =>
  typeof value === 'string'
    ? value.replaceAll('\0', '\ufffd')
    : Array.isArray(value)
      ? value.map(cleaned)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleaned(key), cleaned(inner)]))
        : value;
const clean = <T>(schema: z.ZodType<T>) => z.preprocess(cleaned, schema);

const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\0]*$/, 'must not hold U+0000');
const attempt = z.number().int().min(0).max(largest);
const step = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** JSON writes what is not finite as null. */
const measured = z.number().nullable();

const facts = z.object({
  runtime: words(200),
  runtimeVersion: words(200),
  device: words(200),
  precision: words(200),
  runtimeTable: z.array(z.unknown()).max(64),
  layers: z.array(z.unknown()).max(10_000),
  metrics: z.array(z.object({ name: z.string(), axes: z.array(z.string()), width: z.number().int().min(0) })).max(4_096),
  parameters: measured,
  curvatureBatch: measured,
  curvatureShare: measured,
  stepsPerSecond: measured,
  finals: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
  host: words(200),
});

export const messages = {
  step,
  register: z.object({
    protocol: z.number(),
    name: words(200),
    host: words(200),
    pid: z.number().int().min(0).max(largest),
    runtimes: z
      .array(
        z.object({ name: words(200), version: words(200), device: words(200), available: z.boolean(), reason: words(4_000).optional() }),
      )
      .max(64),
  }),
  claim: z.object({ worker: id, waitMs: z.number().min(0) }),
  heartbeat: z.object({ worker: id, run: id.nullable(), attempt: attempt.nullable() }),
  // parsed facts are looser than RunFacts, and an absent field may come as undefined: what is checked is what database and pages rely on
  report: z.object({
    worker: id,
    run: id,
    attempt,
    status: z.enum(['queued', 'running', 'paused', 'diverged', 'stopped', 'crashed', 'finished']).optional(),
    reason: words(4_000).optional(),
    step: step.optional(),
    facts: clean(facts.partial()).optional(),
    log: z
      .array(z.object({ at: z.string().max(64), level: z.enum(['info', 'warn', 'error']), text: words(Infinity) }))
      .max(1_000)
      .optional(),
    seam: z.object({ step, reason: words(500) }).optional(),
  }) as unknown as z.ZodType<ReportRequest>,
} as const;

/** @throws HttpError 400 with every fault and its field */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new HttpError(400, parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; '));
}

const owner = z.object({ worker: id, run: id, attempt: z.coerce.number().pipe(attempt) });

/** Who holds which run, as the address of bytes says it. */
export const ownerOf = (query: URLSearchParams) => parse(owner, Object.fromEntries(query));
