/** @file The supervisor of local workers: forks them, starts them again with growing pauses, and gives their runs back when one dies. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { and, eq, inArray } from 'drizzle-orm';
import { runs, workers } from '#drizzle/schema.ts';
import { processLives } from './lock.ts';
import type { Services } from './services.ts';
import { loseRuns } from './store/runs.ts';
import { held } from './store/transitions.ts';

export interface Supervisor {
  /** The first worker's own line of what it found, or null where none came in time. */
  ready(timeoutMs: number): Promise<string | null>;
  pids(): number[];
  /** Asks them to flush and leave; kills those that have not after `graceMs`. */
  stop(graceMs: number): Promise<void>;
  kill(): void;
}

const entry = fileURLToPath(new URL('../workers/main.ts', import.meta.url));
const delays = { firstMs: 500, mostMs: 30_000, wellAfterMs: 60_000 } as const;

/** Runs that local workers held whose processes are gone: lost at once instead of after the lease. */
export async function loseLocal(services: Services, pid: number | null, reason: string): Promise<void> {
  const rows = await services.client.db
    .select({ run: runs.id, worker: workers.id, pid: workers.pid })
    .from(runs)
    .innerJoin(workers, eq(runs.worker, workers.id))
    .where(and(inArray(runs.status, [...held]), eq(workers.host, os.hostname())));
  for (const row of rows)
    if (pid === null ? !processLives(row.pid) : row.pid === pid) await loseRuns(services, [row.run], row.worker, reason);
}

export function superviseWorkers(
  services: Services,
  { count, url, token, data }: { count: number; url: string; token: string; data: string },
): Supervisor {
  const children = new Map<number, ChildProcess>();
  const timers = new Set<NodeJS.Timeout>();
  const { promise: firstLine, resolve: announce } = Promise.withResolvers<string | null>();
  let stopping = false;

  function start(index: number, delayMs: number): void {
    const name = `local-${index + 1}`;
    const began = Date.now();
    const child = fork(entry, [], {
      // Of its own session: Ctrl-C reaches the server alone, which then tells the workers in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, PLATEAU_SERVER: url, PLATEAU_TOKEN: token, PLATEAU_DATA: data, PLATEAU_WORKER_NAME: name },
    });
    children.set(index, child);
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (/^worker .* ready: /.test(line)) announce(line.replace(/^worker .*? ready: /, ''));
        else services.log(`${name}: ${line}`);
      });
    }
    child.on('error', (error) => services.log(`${name}: ${error.message}`));
    child.once('exit', (code, signal) => {
      children.delete(index);
      if (stopping) return;
      const how = signal ?? `code ${code}`;
      services.log(`${name} ended (${how}), starting it again in ${delayMs} ms`);
      if (child.pid)
        loseLocal(services, child.pid, `its worker's process ended (${how})`).catch((error: Error) =>
          services.log(`${name}: ${error.message}`),
        );
      const next = Date.now() - began > delays.wellAfterMs ? delays.firstMs : Math.min(delayMs * 2, delays.mostMs);
      const timer = setTimeout(() => {
        timers.delete(timer);
        start(index, next);
      }, delayMs);
      timers.add(timer);
    });
  }

  if (existsSync(entry)) for (let index = 0; index < count; index++) start(index, delays.firstMs);
  else announce(null);
  const all = () => [...children.values()];
  return {
    ready: (timeoutMs) =>
      Promise.race([firstLine, new Promise<null>((resolve) => setTimeout(() => resolve(null), count > 0 ? timeoutMs : 0).unref())]),
    pids: () => all().flatMap(({ pid }) => pid ?? []),
    async stop(graceMs) {
      stopping = true;
      for (const timer of timers) clearTimeout(timer);
      const gone = all().map((child) => new Promise((resolve) => child.once('exit', resolve)));
      for (const child of all()) child.kill('SIGTERM');
      const force = setTimeout(() => all().forEach((child) => child.kill('SIGKILL')), graceMs);
      await Promise.all(gone);
      clearTimeout(force);
    },
    kill() {
      stopping = true;
      for (const child of all()) child.kill('SIGKILL');
    },
  };
}
