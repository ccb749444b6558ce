/**
 * @file The tables. A run's rows are kept as chunks (bytes, as the worker made them), never a row per value.
 *
 * Ids are random text; steps are float64 (whole numbers up to 2^53); times are `timestamptz`.
 */
import {
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { Budget, Verdict } from '#core/papers/claim.ts';
import type { Desired, FindingState, LogLine, RunFacts, Status } from '#core/protocol.ts';

const bytea = customType<{ data: Uint8Array; driverData: Buffer }>({ dataType: () => 'bytea' });
const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** Who writes notes. In local mode a browser is a person; the cookie holds the secret, the table its SHA-256. */
export const people = pgTable('people', {
  id: text('id').primaryKey(),
  name: text('name'),
  secretHash: text('secret_hash').notNull().unique(),
  createdAt: time('created_at').notNull().defaultNow(),
});

/** One row per process that registered. */
export const workers = pgTable('workers', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  host: text('host').notNull(),
  pid: integer('pid').notNull(),
  runtimes: jsonb('runtimes')
    .$type<readonly { name: string; version: string; device: string; available: boolean; reason?: string }[]>()
    .notNull(),
  registeredAt: time('registered_at').notNull().defaultNow(),
  seenAt: time('seen_at').notNull().defaultNow(),
});

export const experiments = pgTable(
  'experiments',
  {
    id: text('id').primaryKey(),
    title: text('title').notNull(),
    question: text('question').notNull().default(''),
    /** The spec that the grid varies, and the grid itself, as they were given. */
    spec: jsonb('spec').notNull(),
    grid: jsonb('grid').$type<readonly { path: string; values: readonly unknown[] }[]>(),
    authorId: text('author_id').references(() => people.id, { onDelete: 'set null' }),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (table) => [index('experiments_created').on(table.createdAt.desc(), table.id.desc())],
);

export const runs = pgTable(
  'runs',
  {
    id: text('id').primaryKey(),
    experimentId: text('experiment_id')
      .notNull()
      .references(() => experiments.id, { onDelete: 'cascade' }),
    /** Order within the experiment. */
    position: integer('position').notNull(),
    spec: jsonb('spec').notNull(),
    specHash: text('spec_hash').notNull(),
    seed: doublePrecision('seed').notNull(),
    /** Hash of the spec without its seed: runs of one group differ in nothing else. */
    group: text('group').notNull(),
    label: text('label').notNull(),
    steps: doublePrecision('steps').notNull(),
    status: text('status').$type<Status>().notNull().default('queued'),
    reason: text('reason'),
    desired: text('desired').$type<Desired>().notNull().default('run'),
    /** Counts up with every claim; an append of an older attempt is fenced off. */
    attempt: integer('attempt').notNull().default(0),
    /** Attempts that ended by a crash or a lost worker since people last resumed it. */
    failures: integer('failures').notNull().default(0),
    worker: text('worker').references(() => workers.id, { onDelete: 'set null' }),
    /** The queue's job that stands for this run now. */
    job: text('job'),
    step: doublePrecision('step').notNull().default(0),
    facts: jsonb('facts').$type<RunFacts>().notNull().default({}),
    finals: jsonb('finals').$type<Readonly<Record<string, number | string | null>>>(),
    /** At most 60 losses, and the step up to which they were computed. */
    sparkline: real('sparkline').array(),
    sparklineStep: doublePrecision('sparkline_step'),
    createdAt: time('created_at').notNull().defaultNow(),
    startedAt: time('started_at'),
    endedAt: time('ended_at'),
    heartbeatAt: time('heartbeat_at'),
  },
  (table) => [
    uniqueIndex('runs_experiment_position').on(table.experimentId, table.position),
    index('runs_status').on(table.status, table.heartbeatAt),
    /** Which runs use an entry of the catalog. */
    index('runs_spec').using('gin', table.spec.op('jsonb_path_ops')),
  ],
);

/** What a run holds of one metric: the next seq, and enough to plan a window without touching a chunk. */
export const heads = pgTable(
  'heads',
  {
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    metric: text('metric').notNull(),
    width: integer('width').notNull(),
    nextSeq: integer('next_seq').notNull(),
    /** The newest chunk's attempt and last step. */
    attempt: integer('attempt').notNull(),
    lastStep: doublePrecision('last_step').notNull(),
    rows: doublePrecision('rows').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.metric] })],
);

export const chunks = pgTable(
  'chunks',
  {
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    metric: text('metric').notNull(),
    seq: integer('seq').notNull(),
    attempt: integer('attempt').notNull(),
    firstStep: doublePrecision('first_step').notNull(),
    lastStep: doublePrecision('last_step').notNull(),
    rows: integer('rows').notNull(),
    width: integer('width').notNull(),
    body: bytea('body').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.runId, table.metric, table.seq] }),
    index('chunks_steps').on(table.runId, table.metric, table.firstStep, table.seq, table.lastStep),
  ],
);

/** Tiles of the pyramid (core/pyramid.ts): kept once their range of steps is complete. */
export const buckets = pgTable(
  'buckets',
  {
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    metric: text('metric').notNull(),
    level: smallint('level').notNull(),
    tile: doublePrecision('tile').notNull(),
    endStep: doublePrecision('end_step').notNull(),
    body: bytea('body').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.metric, table.level, table.tile] })],
);

/** The newest whole checkpoint of a run. */
export const checkpoints = pgTable('checkpoints', {
  runId: text('run_id')
    .primaryKey()
    .references(() => runs.id, { onDelete: 'cascade' }),
  attempt: integer('attempt').notNull(),
  step: doublePrecision('step').notNull(),
  bytes: doublePrecision('bytes').notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
});

/** Its bytes, in parts: a value of PostgreSQL ends at 1 GiB and is read as hexadecimal text, and nobody should hold a whole one in memory. */
export const checkpointParts = pgTable(
  'checkpoint_parts',
  {
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    attempt: integer('attempt').notNull(),
    step: doublePrecision('step').notNull(),
    part: integer('part').notNull(),
    body: bytea('body').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.attempt, table.step, table.part] })],
);

export const runLogs = pgTable(
  'run_logs',
  {
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    id: integer('id').generatedAlwaysAsIdentity(),
    at: time('at').notNull(),
    level: text('level').$type<LogLine['level']>().notNull(),
    text: text('text').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.id] })],
);

/** Where an attempt took a run up again; rows of older attempts at or after this step no longer count (core/seams.ts). */
export const seams = pgTable(
  'seams',
  {
    runId: text('run_id')
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
    attempt: integer('attempt').notNull(),
    step: doublePrecision('step').notNull(),
    reason: text('reason').notNull(),
    at: time('at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.attempt] })],
);

/** One measurement of a claim of a paper; of a claim that trains, its experiment holds the runs. */
export const findings = pgTable(
  'findings',
  {
    id: text('id').primaryKey(),
    paper: text('paper').notNull(),
    claim: text('claim').notNull(),
    budget: text('budget').$type<Budget>().notNull(),
    seed: doublePrecision('seed').notNull(),
    state: text('state').$type<FindingState>().notNull().default('measuring'),
    share: doublePrecision('share').notNull().default(0),
    /** As core/papers/findingJson.ts writes it; what was found so far while measuring. */
    finding: jsonb('finding'),
    verdict: text('verdict').$type<Verdict>(),
    reason: text('reason'),
    /** What computed. */
    by: text('by').notNull(),
    trained: boolean('trained').notNull(),
    experimentId: text('experiment_id').references(() => experiments.id, { onDelete: 'set null' }),
    authorId: text('author_id').references(() => people.id, { onDelete: 'set null' }),
    startedAt: time('started_at').notNull().defaultNow(),
    /** The server that measures says that it lives; where it falls silent another one takes over. */
    beatAt: time('beat_at').notNull().defaultNow(),
    endedAt: time('ended_at'),
  },
  (table) => [index('findings_paper').on(table.paper, table.startedAt.desc()), index('findings_state').on(table.state, table.beatAt)],
);

export const annotations = pgTable(
  'annotations',
  {
    id: text('id').primaryKey(),
    experimentId: text('experiment_id')
      .notNull()
      .references(() => experiments.id, { onDelete: 'cascade' }),
    runId: text('run_id').references(() => runs.id, { onDelete: 'cascade' }),
    metric: text('metric').notNull(),
    anchor: jsonb('anchor').notNull(),
    body: text('body').notNull(),
    authorId: text('author_id')
      .notNull()
      .references(() => people.id),
    createdAt: time('created_at').notNull().defaultNow(),
    editedAt: time('edited_at'),
    resolved: boolean('resolved').notNull().default(false),
    resolvedById: text('resolved_by_id').references(() => people.id),
  },
  (table) => [index('annotations_experiment').on(table.experimentId, table.createdAt)],
);

export const comments = pgTable(
  'comments',
  {
    id: text('id').primaryKey(),
    annotationId: text('annotation_id')
      .notNull()
      .references(() => annotations.id, { onDelete: 'cascade' }),
    body: text('body').notNull(),
    authorId: text('author_id')
      .notNull()
      .references(() => people.id),
    createdAt: time('created_at').notNull().defaultNow(),
    editedAt: time('edited_at'),
  },
  (table) => [index('comments_annotation').on(table.annotationId, table.createdAt)],
);
