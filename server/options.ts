/** @file What the server can be told, by flags and environment; `--help` lists all of it. */
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { StartError } from './lock.ts';
import { isLoopbackHost } from './origin.ts';

export interface Options {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly databaseUrl: string | null;
  readonly dev: boolean;
  readonly workers: number;
  readonly apiOnly: boolean;
}

export const help = `Plateau's server

  node server/main.ts [options]

  --port N           port to listen on, 0 takes any free one       PORT           3000
  --host ADDRESS     address to listen on; loopback only           HOST           127.0.0.1
  --data FOLDER      database, spools, token                       PLATEAU_DATA   ./data
  --database-url URL a PostgreSQL of your own                      DATABASE_URL   one in the data folder
  --workers N        local workers                                                cores less one, at least 1
  --no-workers       none; remote workers may still come
  --dev              pages built as they are asked for
  --api-only         no pages
  --no-open          taken and ignored: the server opens no browser
  --help             this text
`;

/** What was asked for is not understood or not allowed. */
export class OptionsError extends StartError {}

function whole(what: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most))
    throw new OptionsError(`${what} must be a whole number from ${least} to ${most}, got ${JSON.stringify(text)}`);
  return value;
}

/** Null where help was asked for. */
export function readOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Options | null {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        data: { type: 'string' },
        'database-url': { type: 'string' },
        workers: { type: 'string' },
        'no-workers': { type: 'boolean' },
        dev: { type: 'boolean' },
        'api-only': { type: 'boolean' },
        'no-open': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    throw new OptionsError(`${(error as Error).message.split('. ')[0]!.replace(/^U/, 'u')}; see --help`);
  }
  if (values.help) return null;
  const host = values.host ?? env.HOST ?? '127.0.0.1';
  // Without accounts whoever reaches the port may do everything.
  if (!isLoopbackHost(host))
    throw new OptionsError(
      `host must be a loopback address (127.0.0.1, localhost, ::1), got ${host}: there are no accounts yet, and an open address would let anyone in; use a tunnel such as \`ssh -L\``,
    );
  const databaseUrl = values['database-url'] ?? (env.DATABASE_URL || null);
  if (databaseUrl !== null && !/^postgres(ql)?:\/\//.test(databaseUrl))
    throw new OptionsError('the database URL must begin with postgresql://');
  return {
    port: whole('port', values.port ?? (env.PORT || '3000'), 0, 65_535),
    host: host === 'localhost' ? '127.0.0.1' : host,
    data: path.resolve(values.data ?? (env.PLATEAU_DATA || 'data')),
    databaseUrl,
    dev: values.dev ?? false,
    workers: values['no-workers']
      ? 0
      : values.workers === undefined
        ? Math.max(1, os.availableParallelism() - 1)
        : whole('workers', values.workers, 0, 256),
    apiOnly: values['api-only'] ?? false,
  };
}
