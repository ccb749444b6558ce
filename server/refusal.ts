/** @file Refusals: what is told to whoever asked for something that cannot be. */
import { GraphQLError } from 'graphql';

/** A mistake of whoever asked; the message reaches them as it is. */
export function refuse(message: string, code = 'BAD_USER_INPUT', extensions: Record<string, unknown> = {}): never {
  throw new GraphQLError(message, { extensions: { code, ...extensions } });
}

/** Text of a person: trimmed, bounded, not empty unless said. */
export function text(what: string, value: string, max: number, { empty = false } = {}): string {
  const trimmed = value.trim();
  if (!empty && trimmed === '') refuse(`${what}: at least one character that is not a space, got none`);
  if (trimmed.length > max) refuse(`${what}: at most ${max} characters, got ${trimmed.length}`);
  // PostgreSQL's text holds no NUL.
  if (trimmed.includes('\0')) refuse(`${what}: the character U+0000 is not allowed`);
  return trimmed;
}

/** A number of a person: whole and within bounds. */
export function whole(what: string, value: number, min: number, max: number): number {
  if (!(Number.isInteger(value) && value >= min && value <= max)) refuse(`${what}: an integer from ${min} to ${max}, got ${value}`);
  return value;
}
