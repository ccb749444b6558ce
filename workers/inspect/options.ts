/** @file Options of an entry of the catalog that a question chooses: checked against the entry's own fields. */
import { defaults, entry } from '#core/catalog.ts';
import type { Field, Options } from '#core/define.ts';
import { show, type Fault } from './refusal.ts';

function allowed(field: Field): string {
  if (field.type === 'text') return `a text of at most ${field.maxLength} characters`;
  if (field.type === 'boolean') return 'true or false';
  if (field.type === 'choice') return `one of ${field.choices.join(', ')}`;
  return `${field.type === 'integer' ? 'an integer' : 'a number'} from ${field.min} to ${field.max}`;
}

function fits(field: Field, value: unknown): boolean {
  if (field.type === 'text') return typeof value === 'string' && value.length <= field.maxLength;
  if (field.type === 'boolean') return typeof value === 'boolean';
  if (field.type === 'choice') return field.choices.includes(value as string);
  return typeof value === 'number' && value >= field.min && value <= field.max && (field.type === 'number' || Number.isInteger(value));
}

/** The options with every default filled in, or the first fault. */
export function chosenOptions(kind: 'activation' | 'loss', name: string, given: Readonly<Record<string, unknown>>): Options | Fault {
  const { fields } = entry(kind, name);
  for (const [path, value] of Object.entries(given)) {
    const field = Object.hasOwn(fields, path) ? fields[path]! : null;
    if (!field) return { path, message: `${name} has no option ${path}; allowed: ${Object.keys(fields).join(', ') || 'none'}` };
    if (!fits(field, value)) return { path, message: `must be ${allowed(field)}, got ${show(value)}` };
  }
  return { ...defaults(kind, name), ...(given as Record<string, number>) };
}

export const isFault = (value: Options | Fault): value is Fault => 'message' in value && !('kind' in value);
