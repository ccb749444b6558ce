/** @file A worker: claims runs from a server, trains them, streams what they measure. `plateau worker --server URL --token TOKEN`. */
import { hostname } from 'node:os';
import path from 'node:path';
import { startAgent } from './agent.ts';
import { readArguments, serverAddress, UsageError } from './commandLine.ts';
import { failureOf, openLink } from './link.ts';
import { describeProbes, probeRuntimes } from './probe.ts';

const help = `usage: plateau worker --server URL --token TOKEN [options]

  --server URL     server to work for                        PLATEAU_SERVER
  --token TOKEN    worker token of that server               PLATEAU_TOKEN
  --data FOLDER    what is not delivered yet waits in its    PLATEAU_DATA          ./data
                   folder spool
  --name NAME      shown on the run's page                   PLATEAU_WORKER_NAME   host and process id
  --help           this text

  A server that does not answer is tried again for ever, at least every 10 s.
  Exit: 0 stopped in order, 1 crashed, 2 bad command, or an address or token that the server does not know.
`;

/** A worker whose server died finishes its run, but does not wait for ever for a server to take it. */
const orphanMs = 10 * 60_000;

const whereTokenIs = 'the server keeps it in worker-token of its data folder';
const say = (text: string): void => void process.stderr.write(`${text}\n`);

function readOptions(): { server: string; token: string; data: string; name: string } | null {
  const string = { type: 'string' } as const;
  const { values } = readArguments('worker', {
    options: { server: string, token: string, data: string, name: string, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return null;
  const { env } = process;
  const server = serverAddress(values.server ?? env.PLATEAU_SERVER ?? '');
  const token = values.token ?? env.PLATEAU_TOKEN ?? '';
  if (token === '') throw new UsageError(`--token is missing: ${whereTokenIs}`);
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError('--token must be letters, digits and signs without spaces');
  const data = path.resolve(values.data ?? env.PLATEAU_DATA ?? 'data');
  return { server, token, data, name: values.name ?? env.PLATEAU_WORKER_NAME ?? `${hostname()}-${process.pid}` };
}

async function main(): Promise<void> {
  const options = readOptions();
  if (!options) return void process.stdout.write(help);
  const { server, token, data, name } = options;
  // the server that forked this process may be killed at any moment; its pipes then break, which must not end a run
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const runtimes = await probeRuntimes();
  const agent = startAgent({
    link: openLink(server, token),
    spool: path.join(data, 'spool'),
    name,
    runtimes,
    say,
    onReady: () => void process.stdout.write(`worker ${name} ready: ${describeProbes(runtimes)}\n`),
  });
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    agent.stop().then(
      () => process.exit(0),
      (error: Error) => {
        say(error.message);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('disconnect', () => {
    agent.retire();
    setTimeout(stop, orphanMs).unref();
  });
  await agent.done;
  process.exit(0);
}

/** What was asked for cannot be done as it was asked. */
function misasked(error: unknown): string | null {
  const { message } = error as Error;
  if (error instanceof UsageError) return message;
  if (failureOf(error) === 'unauthorized') return `--token is not one of that server's, ${whereTokenIs}: ${message}`;
  if (failureOf(error) === 'unknown') return `--server must be the address of a Plateau server: ${message}`;
  return null;
}

main().catch((error: unknown) => {
  const wrong = misasked(error);
  say(`plateau worker: ${wrong ?? (error as Error).message}`);
  process.exit(wrong === null ? 1 : 2);
});
