/** @file What every part of a server is handed: the database, the queue, the live parts, the subject. Made once in server/start.ts. */
import os from 'node:os';
import { readFileSync } from 'node:fs';
import { desc, sql } from 'drizzle-orm';
import type { Client } from '#drizzle/client.ts';
import { runs, workers } from '#drizzle/schema.ts';
import { stalledAfterMs } from '#core/protocol.ts';
import { createPages } from './live/pages.ts';
import type { Pages } from './live/pages.ts';
import { createTopics } from './live/topics.ts';
import type { Topics } from './live/topics.ts';
import type { Bus } from './live/bus.ts';
import { createInspect } from './inspect.ts';
import type { Inspect } from './inspect.ts';
import { createMeasurements } from './measurements.ts';
import type { Measurements } from './measurements.ts';
import type { Queue } from './queue.ts';
import { readAfter } from './store/chunks.ts';
import { listExperiments } from './store/experiments.ts';
import type { ExperimentRow } from './store/experiments.ts';
import { readLog } from './store/runs.ts';
import type { RunRow } from './store/runs.ts';
import type { Subject } from './subject.ts';

export interface WorkerAnswer {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly runtimes: unknown;
  readonly seenAt: Date;
  readonly alive: boolean;
  readonly runId: string | null;
}
export interface SystemAnswer {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly cpus: number;
  readonly database: string;
  readonly startedAt: Date;
  readonly now: Date;
  readonly workers: readonly WorkerAnswer[];
  readonly queued: number;
  readonly running: number;
  readonly subscribers: number;
}

export interface Store {
  run(id: string): Promise<RunRow | null>;
  log(runId: string, last: number): ReturnType<typeof readLog>;
  experiment(id: string): Promise<ExperimentRow | null>;
  experiments(options: { filter?: string | null; first: number; after?: string | null }): Promise<ExperimentRow[]>;
}

export interface Services {
  readonly client: Client;
  readonly queue: Queue;
  readonly bus: Bus;
  readonly pages: Pages;
  readonly topics: Topics;
  readonly subject: Subject;
  readonly store: Store;
  /** Exact quantities of a network that somebody brings, computed in a process of its own. */
  readonly inspect: Inspect;
  readonly measurements: Measurements;
  readonly log: (line: string) => void;
  /** Aborts when the server begins to stop. */
  readonly stopping: AbortSignal;
  system(): Promise<SystemAnswer>;
}

const shownWorkers = 100;

const packageVersion: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;

export function createServices(
  parts: Pick<Services, 'client' | 'queue' | 'bus' | 'log' | 'stopping' | 'subject'> & { database: string },
): Services {
  const { client, bus } = parts;
  const { db } = client;
  const startedAt = new Date();
  const pages = createPages(bus, (runId, from, maxBytes) => readAfter(client, runId, from, maxBytes));
  const topics = createTopics(bus);

  async function system(): Promise<SystemAnswer> {
    const known = await db.select().from(workers).orderBy(desc(workers.seenAt)).limit(shownWorkers);
    const [counts] = await db
      .select({
        queued: sql<number>`count(*) filter (where ${runs.status} = 'queued')::int`,
        running: sql<number>`count(*) filter (where ${runs.status} in ('running', 'stalled'))::int`,
        at: sql<Record<
          string,
          string
        > | null>`jsonb_object_agg(${runs.worker}, ${runs.id}) filter (where ${runs.status} in ('running', 'stalled') and ${runs.worker} is not null)`,
      })
      .from(runs);
    const now = new Date();
    return {
      version: packageVersion,
      node: process.version,
      platform: `${os.type()} ${os.arch()}`,
      cpus: os.availableParallelism(),
      database: parts.database,
      startedAt,
      now,
      queued: counts!.queued,
      running: counts!.running,
      subscribers: pages.following() + topics.following(),
      workers: known
        .map((worker) => ({
          ...worker,
          alive: now.getTime() - worker.seenAt.getTime() < stalledAfterMs,
          runId: counts!.at?.[worker.id] ?? null,
        }))
        // A worker that is gone is only of interest while it still seems to hold a run.
        .filter(({ alive, runId }) => alive || runId !== null),
    };
  }

  const services: Omit<Services, 'measurements'> = {
    ...parts,
    pages,
    topics,
    system,
    inspect: createInspect(parts),
    store: {
      run: async (id) => (await db.query.runs.findFirst({ where: (run, { eq }) => eq(run.id, id) })) ?? null,
      log: (runId, last) => readLog(db, runId, last),
      experiment: async (id) => (await db.query.experiments.findFirst({ where: (experiment, { eq }) => eq(experiment.id, id) })) ?? null,
      experiments: (options) => listExperiments(db, options),
    },
  };
  return Object.assign(services, { measurements: createMeasurements(services) });
}
