/** @file The machine and its workers. */
import { builder } from './builder.ts';
import type { SystemAnswer, WorkerAnswer } from '../services.ts';

const Worker = builder.objectRef<WorkerAnswer>('Worker').implement({
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    host: t.exposeString('host'),
    pid: t.exposeInt('pid'),
    runtimes: t.field({ type: 'JSON', resolve: ({ runtimes }) => runtimes }),
    seenAt: t.expose('seenAt', { type: 'DateTime' }),
    alive: t.exposeBoolean('alive', { description: 'Heard of within the last 15 seconds.' }),
    runId: t.exposeID('runId', { nullable: true, description: 'The run it is at.' }),
  }),
});

const SystemInfo = builder.objectRef<SystemAnswer>('SystemInfo').implement({
  fields: (t) => ({
    version: t.exposeString('version'),
    node: t.exposeString('node'),
    platform: t.exposeString('platform'),
    cpus: t.exposeInt('cpus'),
    database: t.exposeString('database', { description: 'embedded or external, and its version.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime' }),
    now: t.expose('now', { type: 'DateTime' }),
    workers: t.field({ type: [Worker], resolve: ({ workers }) => [...workers] }),
    queued: t.exposeInt('queued'),
    running: t.exposeInt('running'),
    subscribers: t.exposeInt('subscribers'),
  }),
});

builder.queryField('system', (t) => t.field({ type: SystemInfo, resolve: (_, __, { services }) => services.system() }));
