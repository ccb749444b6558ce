/** @file Starts a server and stops it in order on Ctrl-C or SIGTERM; a second one leaves at once. */
import { StartError } from './lock.ts';
import { help, OptionsError, readOptions } from './options.ts';
import type { Running } from './start.ts';

const log = (line: string) => process.stderr.write(`${line}\n`);
/** How long the ready line waits for a worker to say what it runs on. */
const workerWordMs = 3_000;

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  if (!options) return void process.stdout.write(help);
  const began = Number(process.env.PLATEAU_STARTED) || Date.now() - performance.now();
  let running: Running | null = null;
  let asked = 0;
  const stop = () => {
    if (++asked > 1) {
      log('leaving at once');
      running?.kill();
      process.exit(130);
    }
    // While still starting: what is up is tied to our life or found at the next start.
    if (!running) process.exit(130);
    log('stopping: the workers finish their flush, then the database stops (once more to leave at once)');
    running.close().then(
      () => process.exit(0),
      (error: Error) => {
        log(error.message);
        process.exit(1);
      },
    );
  };
  // whoever read our words may be gone; that must not end the server, nor keep it from stopping in order
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  if (process.channel) process.on('disconnect', stop); // `npm start` was killed: nobody is left to stop us

  const { start } = await import('./start.ts');
  running = await start(options, log);
  const word = options.workers === 0 ? 'no local workers' : await running.workers!.ready(workerWordMs);
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  if (asked === 0)
    process.stdout.write(
      `Plateau is ready at ${running.url} after ${seconds} s; ${word ?? `${options.workers} local worker${options.workers > 1 ? 's are' : ' is'} starting`}\n`,
    );
}

main().catch((error: unknown) => {
  log(error instanceof StartError ? `plateau: ${error.message}` : `plateau: ${(error as Error).stack ?? String(error)}`);
  process.exit(error instanceof OptionsError ? 2 : 1);
});
