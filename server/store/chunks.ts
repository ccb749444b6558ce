/** @file Chunks: stored in one fenced statement, read after a cursor. Bodies pass through as bytes. */
import type { Desired } from '#core/protocol.ts';
import type { Client } from '#drizzle/client.ts';
import type { Cursor } from '../live/cursor.ts';
import type { PageChunk } from '../live/pages.ts';
import { channel } from '../live/ring.ts';

export interface Incoming {
  readonly metric: string;
  readonly seq: number;
  readonly firstStep: number;
  readonly lastStep: number;
  readonly rows: number;
  readonly width: number;
  /** Where the chunk's bytes lie in `body`. */
  readonly offset: number;
  readonly length: number;
}

// One statement: the fence (owner), the order (bad), the rows and the doorbell stand or fall together.
const appendText = `
with incoming as (
  select * from unnest($4::text[], $5::int[], $6::float8[], $7::float8[], $8::int[], $9::int[], $10::int[], $11::int[])
    as t(metric, seq, first_step, last_step, rows, width, at, length)
), state as (
  select i.metric, min(i.seq) as low, max(i.seq) as high, max(i.width) as width, coalesce(h.next_seq, 0) as next, h.width as known_width,
    h.attempt as known_attempt, h.last_step as known_step, min(i.first_step) filter (where i.seq >= coalesce(h.next_seq, 0)) as new_step
  from incoming i left join heads h on h.run_id = $1 and h.metric = i.metric
  group by i.metric, h.next_seq, h.width, h.attempt, h.last_step
), bad as (
  select * from state where low > next or width <> known_width or (known_attempt = $3 and new_step < known_step)
), owner as (
  update runs set heartbeat_at = now(), status = 'running', step = greatest(step, $13::float8), reason = case status when 'stalled' then null else reason end
  where id = $1 and worker = $2 and attempt = $3 and status in ('running', 'stalled') and not exists (select from bad)
  returning id, desired, experiment_id
), stored as (
  insert into chunks (run_id, metric, seq, attempt, first_step, last_step, rows, width, body)
  select owner.id, i.metric, i.seq, $3, i.first_step, i.last_step, i.rows, i.width, substring($12::bytea from i.at + 1 for i.length) from incoming i, owner
  on conflict do nothing
  returning metric, last_step, rows
), raised as (
  insert into heads (run_id, metric, width, next_seq, attempt, last_step, rows)
  select $1, s.metric, s.width, s.high + 1, $3, coalesce(n.last_step, s.known_step, 0), coalesce(n.rows, 0)
  from owner, state s left join (select metric, max(last_step) as last_step, sum(rows) as rows from stored group by metric) n on n.metric = s.metric
  on conflict (run_id, metric) do update set
    next_seq = greatest(heads.next_seq, excluded.next_seq), attempt = greatest(heads.attempt, excluded.attempt),
    last_step = case when excluded.rows > 0 then excluded.last_step else heads.last_step end, rows = heads.rows + excluded.rows
  returning metric, next_seq
), bell as (
  select pg_notify('${channel}', 'run:' || id) from owner where exists (select from stored)
  union all select pg_notify('${channel}', 'experiment:' || experiment_id) from owner where $14
)
select (select desired from owner) as desired, (select jsonb_agg(bad) from bad) as bad,
  (select jsonb_object_agg(metric, next_seq - 1) from raised) as acked, (select count(*)::int from bell) as rung`;

export interface Bad {
  readonly metric: string;
  readonly low: number;
  readonly next: number;
  readonly width: number;
  readonly known_width: number | null;
  readonly known_step: number | null;
  readonly new_step: number | null;
}

/** Stores the chunks, all or none. `desired` null: fenced off. */
export async function append(
  { pool }: Client,
  owner: { run: string; worker: string; attempt: number },
  incoming: readonly Incoming[],
  body: Buffer,
  ringExperiment: boolean,
): Promise<{ desired: Desired | null; bad: readonly Bad[]; acked: Record<string, number> }> {
  const column = <K extends keyof Incoming>(key: K) => incoming.map((chunk) => chunk[key]);
  const lastStep = incoming.reduce((most, chunk) => Math.max(most, chunk.lastStep), 0);
  const { rows } = await pool.query({
    name: 'append',
    text: appendText,
    values: [
      owner.run,
      owner.worker,
      owner.attempt,
      column('metric'),
      column('seq'),
      column('firstStep'),
      column('lastStep'),
      column('rows'),
      column('width'),
      column('offset'),
      column('length'),
      body,
      lastStep,
      ringExperiment,
    ],
  });
  const [row] = rows as [{ desired: Desired | null; bad: Bad[] | null; acked: Record<string, number> | null }];
  return { desired: row.desired, bad: row.bad ?? [], acked: row.acked ?? {} };
}

const headsText = 'select metric, next_seq, last_step from heads where run_id = $1 and metric = any($2)';
// Sizes are summed before any body is fetched, so a page is bounded whatever the chunks are; metrics move on side by side.
const readText = `
select metric, seq, first_step, last_step, rows, width, body from (
  select c.*, sum(8 * c.rows + 4 * c.rows * c.width + 160) over (order by c.seq, c.metric rows unbounded preceding) as bytes, row_number() over (order by c.seq, c.metric) as nth
  from unnest($2::text[], $3::int[]) as w(metric, next)
  cross join lateral (select * from chunks where run_id = $1 and metric = w.metric and seq >= w.next order by seq limit 2000) c
) page where bytes <= $4 or nth = 1 order by seq, metric`;

/** Chunks at and after the cursor, oldest first, at most about `maxBytes` (but at least one). */
export async function readAfter({ pool }: Client, runId: string, from: Cursor, maxBytes: number) {
  const metrics = Object.keys(from);
  const { rows: known } = await pool.query<{ metric: string; next_seq: number; last_step: number }>({
    name: 'heads',
    text: headsText,
    values: [runId, metrics],
  });
  const latest = known.reduce((most, { last_step }) => Math.max(most, last_step), -1);
  const behind = known.filter(({ metric, next_seq }) => next_seq > from[metric]!);
  if (behind.length === 0) return { chunks: [], latest, full: false };
  const wanted = [behind.map(({ metric }) => metric), behind.map(({ metric }) => from[metric])];
  const { rows } = await pool.query({ name: 'page', text: readText, values: [runId, ...wanted, maxBytes] });
  const chunks: PageChunk[] = rows.map(({ metric, seq, first_step: firstStep, last_step: lastStep, rows: count, width, body }) => ({
    metric,
    seq,
    firstStep,
    lastStep,
    rows: count,
    width,
    body,
  }));
  const reached = new Map(chunks.map(({ metric, seq }) => [metric, seq + 1]));
  return { chunks, latest, full: behind.some(({ metric, next_seq }) => (reached.get(metric) ?? 0) < next_seq) };
}

/** Chunks of a metric below `endSeq` that may hold rows of steps in [from, to), in order of their first step, in bounded batches. */
export async function* readRange({ pool }: Client, runId: string, metric: string, range: { from: number; to: number; endSeq: number }) {
  const batch = 64;
  let step = -1;
  let seq = -1;
  for (;;) {
    const { rows } = await pool.query<{ seq: number; first_step: number; body: Buffer }>({
      name: 'range',
      text: `select seq, first_step, body from chunks where run_id = $1 and metric = $2 and (first_step, seq) > ($3, $4) and last_step >= $5 and first_step < $6 and seq < $7
         order by first_step, seq limit ${batch}`,
      values: [runId, metric, step, seq, range.from, range.to, range.endSeq],
    });
    for (const { body } of rows) yield body;
    const last = rows.at(-1);
    if (rows.length < batch || !last) return;
    ({ seq, first_step: step } = last);
  }
}
