/** @file Puts a server together and takes it apart again, in order: lock, database, migrations, port, queue, pages, workers. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { leaseMs, stalledAfterMs } from '#core/protocol.ts';
import { connect, migrate, singleConnection } from '#drizzle/client.ts';
import { createHttp, createPersons } from './http.ts';
import { createBus } from './live/bus.ts';
import { StartError, takeLock } from './lock.ts';
import type { Options } from './options.ts';
import { startPostgres } from './postgres.ts';
import type { Postgres } from './postgres.ts';
import { createQueue } from './queue.ts';
import { createServices } from './services.ts';
import type { Services } from './services.ts';
import { createSockets } from './sockets.ts';
import type { Sockets } from './sockets.ts';
import type { Subject } from './subject.ts';
import { sweep } from './store/runs.ts';
import { loseLocal, superviseWorkers } from './workers.ts';
import type { Supervisor } from './workers.ts';

export interface Running {
  readonly url: string;
  readonly token: string;
  readonly services: Services;
  readonly sockets: Sockets;
  readonly postgres: Postgres | null;
  readonly workers: Supervisor | null;
  close(): Promise<void>;
  /** Without waiting for anyone; the database stops by itself when we are gone. */
  kill(): void;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const sweepMs = 2_500;
const workerGraceMs = 10_000;

/** The token of local workers lives as long as the data folder, so that a worker survives a restart of the server. */
function workerToken(folder: string): string {
  const file = path.join(folder, 'worker-token');
  if (existsSync(file)) {
    const token = readFileSync(file, 'utf8').trim();
    if (/^[\w-]{32,}$/.test(token)) return token;
  }
  const token = randomBytes(32).toString('base64url');
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return token;
}

async function databaseVersion(url: string): Promise<string> {
  const client = singleConnection(url, { timeoutMs: 10_000 });
  try {
    await client.connect();
    return String((await client.query('show server_version')).rows[0].server_version);
  } catch (error) {
    const where = URL.canParse(url) ? new URL(url).host : 'the address given';
    throw new StartError(`the database at ${where} does not answer: ${(error as Error).message}`);
  } finally {
    await client.end().catch(() => {});
  }
}

function listen(server: import('node:http').Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        reject(
          new StartError(`port ${port} on ${host} is in use by another program; choose another with --port or PORT (0 takes any free one)`),
        );
      else if (error.code === 'EACCES')
        reject(new StartError(`port ${port} may not be opened by this user; choose one above 1023 with --port or PORT`));
      else reject(new StartError(`cannot listen on ${host} port ${port}: ${error.message}`));
    });
    server.listen(port, host, () => resolve((server.address() as { port: number }).port));
  });
}

async function nextPages(server: import('node:http').Server, port: number, dev: boolean) {
  if (!dev && !existsSync(path.join(root, '.next', 'BUILD_ID')))
    throw new StartError(
      'the pages are not built; start with `npm start`, which builds them, or run `npx next build`, or pass --dev or --api-only',
    );
  // React and Next choose their build by it, when they are loaded.
  Object.assign(process.env, { NODE_ENV: dev ? 'development' : 'production' });
  const { default: next } = await import('next');
  const app = next({ dev, dir: root, httpServer: server, port, hostname: 'localhost', quiet: true });
  await app.prepare();
  return { handle: app.getRequestHandler(), close: () => app.close() };
}

export async function start(options: Options, log: (line: string) => void, given: { subject?: Subject } = {}): Promise<Running> {
  const lock = takeLock(options.data);
  /** What was brought up, to be taken down in the opposite order. */
  const undo: (() => Promise<unknown> | void)[] = [() => lock.release()];
  const down = async () => {
    for (const step of undo.splice(0).reverse()) await Promise.resolve(step()).catch((error: Error) => log(`stop: ${error.message}`));
  };
  const stopping = new AbortController();
  try {
    const token = workerToken(options.data);
    const postgres = options.databaseUrl ? null : await startPostgres({ folder: options.data, log });
    if (postgres) undo.push(() => postgres.close());
    const url = options.databaseUrl ?? postgres!.url;
    const version = await databaseVersion(url);
    await migrate({ url });
    const client = connect(url, { max: 16, onError: () => {} });
    undo.push(() => client.close());
    const [queue, bus] = await Promise.all([createQueue(url, log), createBus(url, log)]);
    undo.push(
      () => bus.close(),
      () => queue.close(),
    );
    const database = `${postgres ? 'embedded' : 'external'} PostgreSQL ${version}`;
    const subject = given.subject ?? (await import('./subject.ts')).subject;
    const services = createServices({ client, queue, bus, log, stopping: stopping.signal, database, subject });
    undo.push(() => services.measurements.close());
    const http = await createHttp(services, { token, dev: options.dev });
    const sockets = createSockets(http.server, services, { personOf: createPersons(services).personOf, dev: options.dev });
    const port = await listen(http.server, options.port, options.host);
    undo.push(() => http.close());
    undo.push(() => sockets.close());
    const address = `http://${options.host === '127.0.0.1' ? 'localhost' : options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`;
    lock.announce(address);

    await loseLocal(services, null, 'its worker was gone when the server started');
    const began = Date.now();
    const sweeper = setInterval(() => {
      // A worker that outlived our own absence gets a whole lease to come back.
      sweep(services, { stalledMs: stalledAfterMs, leaseMs: Date.now() - began < leaseMs ? 24 * 3600_000 : leaseMs }).catch(
        (error: Error) => log(`sweep: ${error.message}`),
      );
    }, sweepMs);
    undo.push(() => clearInterval(sweeper));

    let workers: Supervisor | null = null;
    if (options.workers > 0) {
      workers = superviseWorkers(services, { count: options.workers, url: `http://127.0.0.1:${port}`, token, data: options.data });
      undo.push(() => workers!.stop(workerGraceMs));
    }
    if (!options.apiOnly) {
      const pages = await nextPages(http.server, port, options.dev);
      http.show(pages.handle);
      undo.push(() => pages.close());
    }
    return {
      url: address,
      token,
      services,
      sockets,
      postgres,
      workers,
      async close() {
        stopping.abort();
        await down();
      },
      kill: () => workers?.kill(),
    };
  } catch (error) {
    stopping.abort();
    await down();
    throw error;
  }
}
