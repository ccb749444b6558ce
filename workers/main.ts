/** @file A worker: claims runs from a server, trains them, streams what they measure. `plateau worker --server URL --token TOKEN`. */
import { hostname } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startAgent } from './agent.ts';
import { openLink } from './link.ts';
import { describeProbes, probeRuntimes } from './probe.ts';

const help = `usage: plateau worker --server URL --token TOKEN [options]

  --server URL     server to work for                        PLATEAU_SERVER
  --token TOKEN    worker token of that server               PLATEAU_TOKEN
  --data FOLDER    what is not delivered yet waits in its    PLATEAU_DATA          ./data
                   folder spool
  --name NAME      shown on the run's page                   PLATEAU_WORKER_NAME   host and process id
  --help           this text
`;
/** A worker whose server died finishes its run, but does not wait for ever for a server to take it. */
const orphanMs = 10 * 60_000;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

function readOptions(): { server: string; token: string; data: string; name: string } | null {
  const string = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { server: string, token: string, data: string, name: string, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return null;
  const { env } = process;
  const server = values.server ?? env.PLATEAU_SERVER ?? '';
  const token = values.token ?? env.PLATEAU_TOKEN ?? '';
  if (!/^https?:\/\//.test(server))
    throw new Error(`--server must be a URL that begins with http:// or https://, got ${JSON.stringify(server)}`);
  if (token === '') throw new Error('--token is missing: the server keeps it in worker-token of its data folder');
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

main().catch((error: unknown) => {
  say(`plateau worker: ${(error as Error).message}`);
  process.exit(1);
});
