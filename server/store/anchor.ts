/** @file Anchor of an annotation, in data coordinates: a point, an interval of steps, or a band of layers. Parsed at the door. */
import { z } from 'zod';
import { refuse } from '../refusal.ts';

const step = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const layer = z.number().int().min(0).max(100_000);
const anchorSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('point'), step, layer: layer.optional(), value: z.number().optional() }),
  z
    .strictObject({ kind: z.literal('interval'), fromStep: step, toStep: step, layer: layer.optional() })
    .refine(({ fromStep, toStep }) => fromStep <= toStep, { message: 'fromStep must not be after toStep', path: ['toStep'] }),
  z
    .strictObject({
      kind: z.literal('layers'),
      fromLayer: layer,
      toLayer: layer,
      fromStep: step.optional(),
      toStep: step.optional(),
      step: step.optional(),
    })
    .refine(({ fromLayer, toLayer }) => fromLayer <= toLayer, { message: 'fromLayer must not be above toLayer', path: ['toLayer'] }),
]);
export type Anchor = z.infer<typeof anchorSchema>;

export function parseAnchor(value: unknown): Anchor {
  const parsed = anchorSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({ path: ['anchor', ...issue.path].join('.'), message: issue.message }));
  return refuse(`anchor: ${issues.map(({ path, message }) => `${path}: ${message}`).join('; ')}`, 'BAD_USER_INPUT', { issues });
}
