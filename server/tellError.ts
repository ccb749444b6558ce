/** @file What of an error reaches whoever asked: refusals as they are, mistakes of ours as a sentence, the rest in the log. */
import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import { databaseAway } from './bodies.ts';

/** What PostgreSQL says of values it cannot hold (class 22), such as a text with U+0000. */
function unheld(error: unknown): string | null {
  const { code, message, cause } = (error ?? {}) as { code?: unknown; message?: string; cause?: unknown };
  if (typeof code === 'string' && /^22[0-9A-Z]{3}$/.test(code)) return message ?? code;
  return cause === undefined || cause === error ? null : unheld(cause);
}

/** For operations by POST and by WebSocket alike. */
export function tellError(formatted: GraphQLFormattedError, error: unknown, log: (line: string) => void): GraphQLFormattedError {
  const original = (error as { originalError?: unknown }).originalError ?? error;
  if (databaseAway(original)) return { ...formatted, message: 'the database is away; try again', extensions: { code: 'UNAVAILABLE' } };
  const value = unheld(original);
  if (value !== null)
    return { ...formatted, message: `a value cannot be looked up or stored: ${value}`, extensions: { code: 'BAD_USER_INPUT' } };
  if (/^Maximum call stack size exceeded/.test(formatted.message))
    return { ...formatted, message: 'the operation is nested too deep to be read', extensions: { code: 'TOO_COSTLY' } };
  const { code = 'INTERNAL_SERVER_ERROR' } = formatted.extensions ?? {};
  if (code !== 'INTERNAL_SERVER_ERROR' || original instanceof GraphQLError) return formatted;
  log(`graphql: ${(original as Error).stack ?? String(original)}`);
  return { ...formatted, message: 'something went wrong here; the server has written it down', extensions: { code } };
}
