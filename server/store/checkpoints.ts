/** @file Checkpoints: stored in parts as they come in, in force once whole; read in parts. */
import type { Client } from '#drizzle/client.ts';
import { Fenced } from './runs.ts';

/** A part goes through the driver and the database as one value. */
const partBytes = 4 * 1024 * 1024;

interface Owner {
  readonly run: string;
  readonly worker: string;
  readonly attempt: number;
}
const fenceText = `select id from runs where id = $1 and worker = $2 and attempt = $3 and status in ('running', 'stalled')`;

async function fence(query: Client['pool']['query'] | unknown, { run, worker, attempt }: Owner, lock = ''): Promise<void> {
  const { rows } = await (query as (text: string, values: unknown[]) => Promise<{ rows: unknown[] }>)(`${fenceText} ${lock}`, [
    run,
    worker,
    attempt,
  ]);
  if (rows.length === 0) throw new Fenced(`run ${run} is not held by worker ${worker}, attempt ${attempt}`);
}

/** `expected`: bytes announced, so that a cut connection is not taken for a whole checkpoint. */
export async function storeCheckpoint(
  { pool }: Client,
  owner: Owner,
  step: number,
  body: AsyncIterable<Buffer>,
  expected: number,
): Promise<void> {
  await fence(pool.query.bind(pool), owner);
  let part = 0;
  let total = 0;
  let held: Buffer[] = [];
  let bytes = 0;
  const flush = async () => {
    await pool.query(
      `insert into checkpoint_parts (run_id, attempt, step, part, body) values ($1, $2, $3, $4, $5)
       on conflict (run_id, attempt, step, part) do update set body = excluded.body`,
      [owner.run, owner.attempt, step, part++, Buffer.concat(held, bytes)],
    );
    held = [];
    bytes = 0;
  };
  for await (const piece of body) {
    held.push(piece);
    bytes += piece.length;
    total += piece.length;
    if (total > expected) break;
    if (bytes >= partBytes) await flush();
  }
  if (total !== expected) throw new RangeError(`checkpoint: ${expected} bytes were announced, got ${total}`);
  if (bytes > 0) await flush();
  const client = await pool.connect();
  try {
    await client.query('begin');
    await fence(client.query.bind(client), owner, 'for share');
    await client.query(
      `insert into checkpoints (run_id, attempt, step, bytes) values ($1, $2, $3, $4)
       on conflict (run_id) do update set attempt = excluded.attempt, step = excluded.step, bytes = excluded.bytes, created_at = now()`,
      [owner.run, owner.attempt, step, total],
    );
    await client.query(`delete from checkpoint_parts where run_id = $1 and not (attempt = $2 and step = $3 and part < $4)`, [
      owner.run,
      owner.attempt,
      step,
      part,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

export async function readCheckpoint(
  { pool }: Client,
  owner: Owner,
): Promise<{ step: number; bytes: number; parts: () => AsyncGenerator<Buffer, void, void> } | null> {
  await fence(pool.query.bind(pool), owner);
  const { rows } = await pool.query<{ attempt: number; step: number; bytes: number }>(
    'select attempt, step, bytes from checkpoints where run_id = $1',
    [owner.run],
  );
  const [checkpoint] = rows;
  if (!checkpoint) return null;
  const { attempt, step, bytes } = checkpoint;
  async function* parts() {
    for (let part = 0; ; part++) {
      const { rows } = await pool.query<{ body: Buffer }>(
        'select body from checkpoint_parts where run_id = $1 and attempt = $2 and step = $3 and part = $4',
        [owner.run, attempt, step, part],
      );
      if (!rows[0]) return;
      yield rows[0].body;
    }
  }
  return { step, bytes, parts };
}
